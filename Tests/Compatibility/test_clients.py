"""Unmodified clients produce and consume, with every codec, plain and over TLS."""

import asyncio
import subprocess
import uuid

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
RECORDS = 300


@pytest.fixture(params=["plain", "tls"])
def security(request):
    return request.param


def librdkafka_settings(cluster, security):
    if security == "plain":
        return {"bootstrap.servers": cluster.plain}
    return {"bootstrap.servers": cluster.tls, "security.protocol": "ssl", "ssl.ca.location": cluster.authority}


def new_topic(cluster, partitions=3, **configs):
    name = f"t-{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": cluster.plain})
    admin.create_topics([NewTopic(name, partitions, 3, config=configs)])[name].result(20)
    return name


def values(codec):
    return [f"{codec}-{index}".encode() * 20 for index in range(RECORDS)]


def consume_all(cluster, topic, settings, partitions=3):
    consumer = Consumer({**settings, "group.id": "unused", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=20)[1] for p in range(partitions)}
    found = []
    while len(found) < sum(ends.values()):
        message = consumer.poll(20)
        assert message is not None, "no record came in time"
        assert message.error() is None, message.error()
        found.append(message)
    consumer.close()
    return found


@pytest.mark.parametrize("codec", CODECS)
def test_confluent_kafka(cluster, security, codec):
    topic, settings = new_topic(cluster), librdkafka_settings(cluster, security)
    producer = Producer({**settings, "acks": "all", "compression.type": codec, "enable.idempotence": True})
    failures = []
    for index, value in enumerate(values(codec)):
        producer.produce(topic, value, key=str(index).encode(), headers={"index": str(index)},
                         on_delivery=lambda error, _: error and failures.append(error))
    assert producer.flush(30) == 0
    assert not failures
    found = consume_all(cluster, topic, settings)
    assert sorted(message.value() for message in found) == sorted(values(codec))
    assert all(message.headers() == [("index", message.key())] for message in found)


@pytest.mark.parametrize("codec", CODECS)
def test_kafka_python(cluster, security, codec):
    from kafka import KafkaConsumer, KafkaProducer
    from kafka import TopicPartition as Partition

    topic = new_topic(cluster)
    settings = {"bootstrap_servers": cluster.plain}
    if security == "tls":
        settings = {"bootstrap_servers": cluster.tls, "security_protocol": "SSL", "ssl_cafile": cluster.authority}
    producer = KafkaProducer(**settings, acks="all", compression_type=None if codec == "none" else codec)
    for future in [producer.send(topic, value) for value in values(codec)]:
        future.get(30)
    producer.close()
    consumer = KafkaConsumer(**settings, group_id=None, consumer_timeout_ms=20_000)
    partitions = [Partition(topic, partition) for partition in range(3)]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    found = []
    for message in consumer:
        found.append(message.value)
        if len(found) == RECORDS:
            break
    consumer.close()
    assert sorted(found) == sorted(values(codec))


@pytest.mark.parametrize("codec", CODECS)
def test_aiokafka(cluster, security, codec):
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka import TopicPartition as Partition
    from aiokafka.helpers import create_ssl_context

    topic = new_topic(cluster)
    settings = {"bootstrap_servers": cluster.plain}
    if security == "tls":
        settings = {"bootstrap_servers": cluster.tls, "security_protocol": "SSL",
                    "ssl_context": create_ssl_context(cafile=cluster.authority)}

    async def run():
        producer = AIOKafkaProducer(
            **settings, acks="all", compression_type=None if codec == "none" else codec)
        await producer.start()
        await asyncio.gather(*[producer.send_and_wait(topic, value) for value in values(codec)])
        await producer.stop()
        consumer = AIOKafkaConsumer(**settings, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([Partition(topic, partition) for partition in range(3)])
        found = []
        while len(found) < RECORDS:
            found.append((await asyncio.wait_for(consumer.getone(), 20)).value)
        await consumer.stop()
        return found

    assert sorted(asyncio.run(run())) == sorted(values(codec))


@pytest.mark.parametrize("codec", CODECS)
def test_kcat(cluster, security, codec):
    topic = new_topic(cluster, partitions=1)
    arguments = ["kcat", "-b", cluster.plain]
    if security == "tls":
        arguments = ["kcat", "-b", cluster.tls, "-X", "security.protocol=ssl",
                     "-X", f"ssl.ca.location={cluster.authority}"]
    lines = b"\n".join(values(codec)) + b"\n"
    subprocess.run([*arguments, "-P", "-t", topic, "-p", "0", "-X", "acks=all", "-z", codec], input=lines,
                   check=True, timeout=60)
    result = subprocess.run([*arguments, "-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q"],
                            check=True, capture_output=True, timeout=60)
    assert result.stdout == lines


@pytest.mark.parametrize("codec", CODECS)
def test_the_topic_chooses_the_codec(cluster, codec):
    topic = new_topic(cluster, partitions=1, **{"compression.type": "uncompressed" if codec == "none" else codec})
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all"})
    for value in values(codec):
        producer.produce(topic, value)
    assert producer.flush(30) == 0
    found = consume_all(cluster, topic, librdkafka_settings(cluster, "plain"), partitions=1)
    assert [message.value() for message in found] == values(codec)


def test_an_unknown_topic_is_created_when_it_is_produced_to(cluster):
    topic = f"auto-{uuid.uuid4().hex[:12]}"
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all"})
    producer.produce(topic, b"first")
    assert producer.flush(30) == 0
    assert [m.value() for m in consume_all(cluster, topic, librdkafka_settings(cluster, "plain"))] == [b"first"]


def test_nothing_acknowledged_is_lost_when_a_node_is_killed(cluster):
    topic = new_topic(cluster, partitions=6)
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all", "enable.idempotence": True,
                         "linger.ms": 5})
    acknowledged, failed = [], []

    def delivered(error, message):
        (failed if error else acknowledged).append((message.partition(), message.value()))

    for index in range(20_000):
        producer.produce(topic, str(index).encode(), on_delivery=delivered)
        producer.poll(0)
        if index == 7_000:
            cluster.kill(1)
        if index == 14_000:
            cluster.start(1)
    assert producer.flush(60) == 0
    assert not failed
    found = consume_all(cluster, topic, librdkafka_settings(cluster, "plain"), partitions=6)
    for partition in range(6):
        expected = [value for where, value in acknowledged if where == partition]
        assert [m.value() for m in found if m.partition() == partition] == expected
