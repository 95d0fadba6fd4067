"""What Kafka wrote, this project's broker serves, and the other way round: one data directory changes hands.

Skipped where Kafka is absent.
"""

import subprocess

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import KAFKA, free_port, wait_until

pytestmark = pytest.mark.skipif(not KAFKA.exists(), reason=f"the real Kafka is not at {KAFKA}")

PORT = free_port()
ADDRESS = f"127.0.0.1:{PORT}"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
RECORDS = 400


class Node:
    """One combined node whose program may be exchanged while it is down."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.script = str(KAFKA.parent / "kafka-cluster")

    def _run(self, program, *arguments):
        environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "KAFKA_HEAP_OPTS": "-Xmx384m", "KAFKA_JIT": "1"}
        environment["KAFKA_PROPERTIES"] = "offsets.topic.num.partitions=3\ntransaction.state.log.num.partitions=2"
        if program != "kafka":
            environment["BROKER"] = self.program
        with open(self.folder / "cluster.out", "ab") as output:
            subprocess.run([self.script, *arguments], check=True, env=environment, stdout=output, stderr=output,
                           stdin=subprocess.DEVNULL, timeout=120)

    def create(self, program):
        self._run(program, "start", str(self.folder / "node"), str(PORT), "1")

    def start(self, program):
        self._run(program, "restart", str(self.folder / "node"), "0")

    def stop(self):
        self._run("kafka", "stop", str(self.folder / "node"))


def produce(name, start, codec, **settings):
    producer = Producer({"bootstrap.servers": ADDRESS, "acks": "all", "enable.idempotence": True,
                         "compression.type": codec, **settings})
    if "transactional.id" in settings:
        producer.init_transactions(30)
    failures = []

    def send(numbers):
        for number in numbers:
            producer.produce(name, str(number).encode() * 40, key=str(number).encode(), timestamp=1_000_000 + number,
                             on_delivery=lambda error, _: error and failures.append(error))

    if "transactional.id" not in settings:
        send(range(start, start + RECORDS))
        assert producer.flush(30) == 0
    else:
        producer.begin_transaction()
        send(range(start, start + RECORDS))
        producer.commit_transaction(30)
        producer.begin_transaction()
        send(range(10_000_000, 10_000_100))
        assert producer.flush(30) == 0
        producer.abort_transaction(30)
    assert not failures


def consume(name, count):
    """Reads `count` records as a client does that wants committed ones only, and checks that there are no more."""
    consumer = Consumer({"bootstrap.servers": ADDRESS, "group.id": "unused", "enable.auto.commit": False,
                         "isolation.level": "read_committed", "enable.partition.eof": True})
    consumer.assign([TopicPartition(name, 0, 0)])
    keys = []
    while True:
        message = consumer.poll(20)
        assert message is not None, f"{name}: no record came in time after {len(keys)}"
        if message.error() is not None:
            assert message.error().code() == -191, message.error()  # The end of the partition.
            break
        assert message.value() == message.key() * 40
        keys.append(int(message.key()))
    consumer.close()
    assert keys == list(range(count)), name


def offset_at(name, timestamp):
    consumer = Consumer({"bootstrap.servers": ADDRESS, "group.id": "unused"})
    [found] = consumer.offsets_for_times([TopicPartition(name, 0, timestamp)], timeout=20)
    consumer.close()
    return found.offset


def is_serving():
    return bool(AdminClient({"bootstrap.servers": ADDRESS}).list_topics(timeout=5).brokers)


@pytest.mark.parametrize("first", ["kafka", "apus"])
def test_a_data_directory_changes_hands(apus, tmp_path, first):
    second = "apus" if first == "kafka" else "kafka"
    names = [f"data-{codec}" for codec in CODECS]
    node = Node(apus, tmp_path)
    node.create(first)
    try:
        wait_until(is_serving, 30, "the first program serves")
        admin = AdminClient({"bootstrap.servers": ADDRESS})
        configs = {"segment.bytes": "1048576", "retention.ms": "-1"}
        for future in admin.create_topics([NewTopic(n, 1, 1, config=configs) for n in [*names, "txn"]]).values():
            future.result(30)
        for codec in CODECS:
            produce(f"data-{codec}", 0, codec)
        if first == "kafka":
            produce("txn", 0, "none", **{"transactional.id": "changes-hands"})
        for round_number, program in enumerate([second, first], start=1):
            node.stop()
            node.start(program)
            wait_until(is_serving, 30, f"{program} serves")
            for codec in CODECS:
                consume(f"data-{codec}", RECORDS * round_number)
                assert offset_at(f"data-{codec}", 1_000_000 + 7) == 7
                produce(f"data-{codec}", RECORDS * round_number, codec)
                consume(f"data-{codec}", RECORDS * (round_number + 1))
            if first == "kafka":
                consume("txn", RECORDS)
    finally:
        node.stop()
