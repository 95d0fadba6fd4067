"""Kills nodes under idempotent producers, times the pauses, and reads everything back."""

import threading
import time

from confluent_kafka import Producer

from . import traffic

TOPIC, PARTITIONS, PRODUCERS = "failover", 6, 3


class SteadyProducer(threading.Thread):
    """Writes numbered records to every partition in turn, and keeps when each was acknowledged.

    It writes to all partitions because librdkafka connects to the brokers it writes to only, and one that has lost its
    single connection asks nobody for a second. Its waits before it connects again are those of Kafka's own clients:
    librdkafka's grow to 10 s when a broker is killed twice within a short time, which would be all that is measured.
    """

    def __init__(self, cluster, name, rate=300):
        super().__init__(daemon=True)
        self.label, self.rate = name, rate
        self.acknowledged = [[] for _ in range(PARTITIONS)]
        self.times = [[] for _ in range(PARTITIONS)]
        self.failed = []
        self.must_end = threading.Event()
        self.producer = Producer({
            "bootstrap.servers": cluster.bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 0,
            "message.timeout.ms": 120_000, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000,
            "log_level": 0})

    def delivered(self, number):
        partition = number % PARTITIONS

        def note(error, _):
            if error is None:
                self.acknowledged[partition].append(number)
                self.times[partition].append(time.monotonic())
            else:
                self.failed.append((number, str(error)))
        return note

    def run(self):
        number, begin = 0, time.monotonic()
        while not self.must_end.is_set():
            while number < (time.monotonic() - begin) * self.rate:
                self.producer.produce(
                    TOPIC, f"{self.label}:{number}".encode(), partition=number % PARTITIONS,
                    on_delivery=self.delivered(number))
                number += 1
            self.producer.poll(0.002)
        self.producer.flush(60)

    def longest_pause(self, begin, end):
        """The longest time without an acknowledgement from any one partition that touches the interval."""
        longest = 0
        for all_times in self.times:
            times = [t for t in list(all_times) if begin - 1 <= t <= end] + [end]
            for first, second in zip(times, times[1:]):
                if second >= begin:
                    longest = max(longest, second - first)
        return longest


def violations(values, producers):
    """(lost, duplicated, reordered, failed) records of all partitions."""
    lost = duplicated = reordered = failed = 0
    for producer in producers:
        failed += len(producer.failed)
        for partition in range(PARTITIONS):
            pairs = (value.split(b":") for value in values[partition])
            numbers = [int(number) for label, number in pairs if int(label) == producer.label]
            present = set(numbers)
            lost += sum(1 for number in producer.acknowledged[partition] if number not in present)
            duplicated += len(numbers) - len(present)
            reordered += sum(1 for a, b in zip(numbers, numbers[1:]) if b < a)
    return lost, duplicated, reordered, failed


def run(cluster, kills, observe, report=lambda text: None):
    """Kills one node after the other; returns the longest pause of each kill in seconds, and the violations."""
    traffic.create_topic(cluster, TOPIC, PARTITIONS)
    producers = [SteadyProducer(cluster, name) for name in range(PRODUCERS)]
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
            time.sleep(1.5)
    finally:
        for producer in producers:
            producer.must_end.set()
        for producer in producers:
            producer.join(70)
    return pauses, violations(traffic.read_all(cluster, TOPIC, PARTITIONS), producers), sum(
        len(numbers) for producer in producers for numbers in producer.acknowledged)
