"""Clients: the same librdkafka, with the same settings, for every cluster."""

import threading
import time

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

RECORD = 1000


def admin(cluster):
    return AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})


def create_topic(cluster, name, partitions, deadline=60):
    """Creates a topic with three replicas, once there are three brokers to hold them."""
    end = time.monotonic() + deadline
    while True:
        try:
            # A client anew each time: one that came before there was a controller waits for it in vain.
            client = admin(cluster)
            client.create_topics([NewTopic(name, partitions, 3)], request_timeout=3)[name].result(4)
            break
        except Exception as error:
            if "ALREADY_EXISTS" in str(error):
                break
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    await_full(cluster, [name], end - time.monotonic())


def await_full(cluster, topics, deadline=60):
    """Waits until every partition has a leader and all its replicas in sync."""
    client, end = admin(cluster), time.monotonic() + deadline
    while True:
        try:
            metadata = client.list_topics(timeout=5)
            partitions = [p for t in topics for p in metadata.topics[t].partitions.values()]
            if partitions and all(p.leader >= 0 and len(p.isrs) == 3 for p in partitions):
                return metadata
        except Exception:
            pass
        if time.monotonic() > end:
            raise RuntimeError(f"{cluster.name}: replicas of {topics} do not come into sync")
        time.sleep(0.1)


def produce_volume(cluster, topic, gigabytes, partitions):
    """Produces 1,000-byte records with acks=all in batches of up to 1 MiB; returns when all are acknowledged."""
    producer = Producer({
        "bootstrap.servers": cluster.bootstrap, "acks": "all", "batch.size": 1000000, "linger.ms": 50,
        "batch.num.messages": 100000, "queue.buffering.max.kbytes": 65536, "message.max.bytes": 1000000,
        "queue.buffering.max.messages": 100000, "log_level": 0})
    payload, failures = bytes(RECORD), []

    def delivered(error, _):
        if error is not None:
            failures.append(error)

    run, count = 1000, int(gigabytes * 1e9 / RECORD)
    for first in range(0, count, run):
        partition = (first // run) % partitions
        for _ in range(min(run, count - first)):
            while True:
                try:
                    producer.produce(topic, payload, partition=partition, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.01)
        producer.poll(0)
    producer.flush(120)
    if failures or len(producer):
        raise RuntimeError(f"{cluster.name}: {len(failures)} records failed, {len(producer)} unanswered")


def consume_volume(cluster, topic, gigabytes, partitions):
    """Reads about so much from the start of the topic; returns the bytes that were read."""
    consumer = Consumer({
        "bootstrap.servers": cluster.bootstrap, "group.id": "bench", "enable.auto.commit": False,
        "fetch.max.bytes": 50 << 20, "max.partition.fetch.bytes": 1 << 20, "fetch.wait.max.ms": 100,
        "queued.max.messages.kbytes": 65536, "fetch.queue.backoff.ms": 5, "check.crcs": False,
        "log_level": 0})
    consumer.assign([TopicPartition(topic, index, 0) for index in range(partitions)])
    wanted, read, end = gigabytes * 1e9, 0, time.monotonic() + 120
    while read < wanted:
        messages = consumer.consume(5000, 1.0)
        read += RECORD * sum(1 for message in messages if message.error() is None)
        if time.monotonic() > end:
            raise RuntimeError(f"{cluster.name}: only {read} bytes came within 120 s")
    consumer.close()
    return read


def latencies(cluster, topic, partitions, seconds, rate=20_000, warm_up=8):
    """Milliseconds from produce() to the acknowledgement of each record, at 20 MB/s with acks=all."""
    producer = Producer({
        "bootstrap.servers": cluster.bootstrap, "acks": "all", "linger.ms": 1, "log_level": 0,
        "queue.buffering.max.messages": 1_000_000})
    payload, taken, begin = bytes(RECORD), [], time.monotonic()

    def delivered(error, message):
        if error is not None:
            raise RuntimeError(f"{cluster.name}: {error}")
        taken.append(message.latency() * 1000)

    def ignored(error, _):
        if error is not None:
            raise RuntimeError(f"{cluster.name}: {error}")

    sent = 0
    while (elapsed := time.monotonic() - begin) < warm_up + seconds:
        callback = delivered if elapsed > warm_up else ignored
        while sent < elapsed * rate:
            producer.produce(topic, payload, partition=sent // 10 % partitions, on_delivery=callback)
            sent += 1
        producer.poll(0.0005)
    producer.flush(30)
    taken.sort()
    return taken


def first_acknowledgement(cluster, deadline=60):
    """Creates a topic and writes a record; returns when it is acknowledged by all replicas in sync."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            # A client anew each time: one that came too early waits a second before it asks again.
            client = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
            if len(client.list_topics(timeout=0.25).brokers) < 3:
                continue
            client.create_topics([NewTopic("first", 1, 3)], request_timeout=5)["first"].result(6)
            break
        except Exception as error:
            if "ALREADY_EXISTS" in str(error):
                break
            time.sleep(0.01)
    done = threading.Event()
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "linger.ms": 0, "log_level": 0,
                         "retry.backoff.ms": 10, "topic.metadata.refresh.fast.interval.ms": 10,
                         "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 20})

    def delivered(error, _):
        if error is None:
            done.set()

    while not done.is_set() and time.monotonic() < end:
        producer.produce("first", b"x", on_delivery=delivered)
        producer.flush(5)
    if not done.is_set():
        raise RuntimeError(f"{cluster.name}: no record was acknowledged")


def read_all(cluster, topic, partitions):
    """Every value of the topic by partition, in the order of the log."""
    consumer = Consumer({
        "bootstrap.servers": cluster.bootstrap, "group.id": "check", "enable.auto.commit": False,
        "enable.partition.eof": True, "check.crcs": True, "log_level": 0})
    consumer.assign([TopicPartition(topic, index, 0) for index in range(partitions)])
    values, open_partitions, end = [[] for _ in range(partitions)], set(range(partitions)), time.monotonic() + 120
    while open_partitions and time.monotonic() < end:
        for message in consumer.consume(5000, 1.0):
            if message.error() is None:
                values[message.partition()].append(message.value())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                open_partitions.discard(message.partition())
            else:
                raise RuntimeError(f"{cluster.name}: {message.error()}")
    consumer.close()
    if open_partitions:
        raise RuntimeError(f"{cluster.name}: partitions {open_partitions} could not be read to their ends")
    return values
