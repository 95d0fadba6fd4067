"""A topic's folders outlast what the metadata log says of topics before it, and are told from those of strangers."""

import os
import shutil
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import wait_until


def produce(servers, topic, values):
    failures = []
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    for value in values:
        producer.produce(topic, value, partition=0, on_delivery=lambda error, _: error and failures.append(str(error)))
    assert producer.flush(30) == 0 and not failures, failures


def consume(servers, topic, count):
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    values = []
    wait_until(lambda: values.extend(m.value() for m in consumer.consume(count, 0.5) if not m.error())
               or len(values) >= count, 30, f"{count} records of {topic}")
    consumer.close()
    return values


def test_a_topic_made_anew_under_its_old_name_survives_the_death_of_all_nodes(cluster):
    admin, name = AdminClient({"bootstrap.servers": cluster.plain}), f"again-{uuid.uuid4().hex[:8]}"
    for generation in range(2):
        admin.create_topics([NewTopic(name, 1, 3)])[name].result(20)
        produce(cluster.plain, name, [f"{generation}-{number}".encode() for number in range(10)])
        if generation == 0:
            admin.delete_topics([name])[name].result(20)
            wait_until(lambda: not list(cluster.folder.glob(f"*/data/{name}-0*")), 90, "the folders are gone")
    nodes = list(cluster.processes)
    for node in nodes:
        cluster.kill(node)
    cluster.start(*nodes)
    assert consume(cluster.plain, name, 10) == [f"1-{number}".encode() for number in range(10)]
    # Nor is it mistaken for the topic that this process found when it started.
    admin.delete_topics([name])[name].result(20)
    wait_until(lambda: not list(cluster.folder.glob(f"*/data/{name}-0*")), 90, "the folders are gone")
    admin.create_topics([NewTopic(name, 1, 3)])[name].result(20)
    produce(cluster.plain, name, [b"third"])
    assert consume(cluster.plain, name, 1) == [b"third"]


def test_folders_that_nobody_knows_are_put_aside_and_removed_later(cluster):
    admin, name = AdminClient({"bootstrap.servers": cluster.plain}), f"known-{uuid.uuid4().hex[:8]}"
    admin.create_topics([NewTopic(name, 1, 3)])[name].result(20)
    produce(cluster.plain, name, [b"kept"])
    assert cluster.leave(2) == 0
    data = cluster.folder / "2" / "data"
    for stranger in ("foreign", "nameless"):
        shutil.copytree(data / f"{name}-0", data / f"{stranger}-0")
    (data / "foreign-0" / "partition.metadata").write_text("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAZw\n")
    os.remove(data / "nameless-0" / "partition.metadata")
    cluster.start(2)

    def aside(stranger):
        return list(data.glob(f"{stranger}-0.*-stray"))

    for stranger in ("foreign", "nameless"):
        [folder] = wait_until(lambda: aside(stranger), 4, f"{stranger} is put aside")
        assert (folder / "00000000000000000000.log").stat().st_size > 0
        assert not (data / f"{stranger}-0").exists()
    for stranger in ("foreign", "nameless"):
        wait_until(lambda: not aside(stranger), 20, f"{stranger} is removed")
    assert consume(cluster.plain, name, 1) == [b"kept"]
