"""Brokers with several log directories: who is where is known, and one directory may fail (KIP-858)."""

import shutil
import tempfile
import pathlib

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import Cluster, free_port, wait_until

PARTITIONS = 12


@pytest.fixture
def cluster(apus, request):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-directories-"))
    cluster = Cluster(apus, folder, free_port(), directories=("one", "two", "three"),
                      extra=["replica.high.watermark.checkpoint.interval.ms=200"])
    cluster.start()
    yield cluster
    cluster.stop()
    if request.session.testsfailed == 0:
        shutil.rmtree(folder)


def directories_on_disk(cluster, topic):
    """By node and partition: the id of the directory that holds the folder."""
    found = {}
    for node in range(3):
        for name in cluster.directories:
            place = cluster.folder / str(node) / name
            if not place.exists():
                continue
            properties = dict(line.split("=", 1) for line in (place / "meta.properties").read_text().splitlines()
                              if "=" in line)
            for folder in place.glob(f"{topic}-*"):
                found[node, int(folder.name.rsplit("-", 1)[1])] = properties["directory.id"]
    return found


def directories_in_metadata(cluster, topic):
    """By node and partition: the id of the directory that the metadata knows."""
    identifier, replicas, found = None, {}, {}
    for record, fields in cluster.metadata():
        if record == "TopicRecord" and fields["name"] == topic:
            identifier = fields["topicId"]
        elif record in ("PartitionRecord", "PartitionChangeRecord") and fields["topicId"] == identifier:
            partition = fields["partitionId"]
            replicas[partition] = fields.get("replicas") or replicas[partition]
            for node, directory in zip(replicas[partition], fields.get("directories") or []):
                found[node, partition] = directory
    return found


def test_a_directory_fails_and_the_others_serve_on(cluster):
    topic = "spread"
    admin = AdminClient({"bootstrap.servers": cluster.plain})
    admin.create_topics([NewTopic(topic, PARTITIONS, 3)])[topic].result(20)
    placed = wait_until(lambda: len(directories_on_disk(cluster, topic)) == 3 * PARTITIONS
                        and directories_on_disk(cluster, topic), 20, "every replica has a folder")
    assert len(set(placed.values())) == 9, "every directory of every node holds something"
    wait_until(lambda: directories_in_metadata(cluster, topic) == placed, 20, "the metadata says where they are")

    victim = cluster.folder / "2" / "two"
    lost = {partition for (node, partition), directory in placed.items()
            if node == 2 and f"directory.id={directory}" in (victim / "meta.properties").read_text()}
    victim.rename(victim.with_name("gone"))

    delivered = []
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all", "message.timeout.ms": 20_000})

    def produce():
        for partition in range(PARTITIONS):
            producer.produce(topic, b"record", partition=partition,
                             on_delivery=lambda error, _: delivered.append(error and str(error)))
        producer.poll(0)

    def in_sync():
        partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
        return {number for number, one in partitions.items() if 2 in one.isrs}

    # The failure is noticed with the next checkpoint, which is written when there is something new.
    produce()
    wait_until(lambda: in_sync() == set(range(PARTITIONS)) - lost, 20, "what was in the directory is out of sync")
    assert cluster.processes[2].poll() is None, "the node serves on"
    produce()
    assert producer.flush(30) == 0 and delivered == [None] * 2 * PARTITIONS

    # The quorum's log is in the first.
    for name in ("one", "three"):
        (cluster.folder / "2" / name).rename(cluster.folder / "2" / f"{name}.gone")
    assert cluster.processes.pop(2).wait(30) == 1, "a broker without log directories ends"
