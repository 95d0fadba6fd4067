"""Kills nodes under idempotent producers, times the pauses, and reads everything back."""

import threading
import time

from confluent_kafka import Producer

from . import traffic

TOPIC, PARTITIONS = "failover", 6


class SteadyProducer(threading.Thread):
    """Writes numbered records to one partition, and keeps when each was acknowledged."""

    def __init__(self, cluster, partition, rate=100):
        super().__init__(daemon=True)
        self.partition, self.rate = partition, rate
        self.acknowledged, self.times, self.failed = [], [], []
        self.must_end = threading.Event()
        self.producer = Producer({
            "bootstrap.servers": cluster.bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 0,
            "message.timeout.ms": 120_000, "log_level": 0})

    def delivered(self, number):
        def note(error, _):
            if error is None:
                self.acknowledged.append(number)
                self.times.append(time.monotonic())
            else:
                self.failed.append((number, str(error)))
        return note

    def run(self):
        number, begin = 0, time.monotonic()
        while not self.must_end.is_set():
            while number < (time.monotonic() - begin) * self.rate:
                self.producer.produce(
                    TOPIC, f"{self.partition}:{number}".encode(), partition=self.partition,
                    on_delivery=self.delivered(number))
                number += 1
            self.producer.poll(0.002)
        self.producer.flush(60)

    def longest_pause(self, begin, end):
        """The longest time without an acknowledgement that touches the interval."""
        times = [t for t in list(self.times) if begin - 1 <= t <= end]
        times.append(end)
        longest = 0
        for first, second in zip(times, times[1:]):
            if second >= begin:
                longest = max(longest, second - first)
        return longest


def violations(values, producers):
    """(lost, duplicated, reordered, failed) records of all partitions."""
    lost = duplicated = reordered = failed = 0
    for producer in producers:
        numbers = [int(value.split(b":")[1]) for value in values[producer.partition]]
        present = set(numbers)
        lost += sum(1 for number in producer.acknowledged if number not in present)
        duplicated += len(numbers) - len(present)
        reordered += sum(1 for a, b in zip(numbers, numbers[1:]) if b < a)
        failed += len(producer.failed)
    return lost, duplicated, reordered, failed


def run(cluster, kills, observe, report=lambda text: None):
    """Kills one node after the other; returns the longest pause of each kill in seconds, and the violations."""
    traffic.create_topic(cluster, TOPIC, PARTITIONS)
    producers = [SteadyProducer(cluster, partition) for partition in range(PARTITIONS)]
    for producer in producers:
        producer.start()
    time.sleep(2)
    pauses = []
    try:
        for kill in range(kills):
            node = kill % 3
            begin = time.monotonic()
            cluster.kill(node)
            while time.monotonic() < begin + observe:
                time.sleep(0.05)
            end = time.monotonic()
            each = [producer.longest_pause(begin, end) for producer in producers]
            pauses.append(max(each))
            report(f"kill {kill + 1} of node {node}: " + " ".join(f"{pause * 1000:.0f}" for pause in each) + " ms")
            cluster.launch(node)
            traffic.await_full(cluster, [TOPIC])
            time.sleep(1)
    finally:
        for producer in producers:
            producer.must_end.set()
        for producer in producers:
            producer.join(70)
    return pauses, violations(traffic.read_all(cluster, TOPIC, PARTITIONS), producers), sum(
        len(producer.acknowledged) for producer in producers)
