"""Real processes that die at any moment, or stop and come back too late: nothing acknowledged is lost or there twice.

Each test is bounded in seconds; the seed of what is random is printed, and $SEED sets it.
"""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import KAFKA, Cluster, free_port, kafka_tool, wait_until
from wire import MetadataRequest, ProduceRequest, Wire, batch

KILLS = 50


@pytest.fixture
def seed():
    number = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={number}")
    return number


class Node:
    """One combined node that is killed again and again."""

    def __init__(self, program, folder, port, extra):
        self.program, self.folder, self.port = program, folder, port
        lines = ["process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@127.0.0.1:{port + 1}",
                 f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 1}",
                 "controller.listener.names=CONTROLLER", f"log.dirs={folder}/data", *extra]
        (folder / "server.properties").write_text("\n".join(lines) + "\n")
        identifier = subprocess.run([program, "storage", "random-uuid"], check=True, capture_output=True,
                                    text=True).stdout.strip()
        subprocess.run([program, "storage", "format", "-t", identifier, "-c", folder / "server.properties"],
                       check=True, capture_output=True)

    def start(self):
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen([self.program, "server", self.folder / "server.properties"], stdout=log,
                                        stderr=log, stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def dump(self):
        """Checks every segment with its indexes, every snapshot and checkpoint."""
        files = [str(file) for file in sorted((self.folder / "data").glob("killed-0/*")) if file.is_file()]
        return subprocess.run([self.program, "dump-log", "--deep", *files], capture_output=True, text=True, timeout=60)


def everything(servers, topic):
    """All records from the start to the end as it is now: (offset, value)."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "none", "enable.auto.commit": False, "fetch.wait.max.ms": 10})
    place = TopicPartition(topic, 0)
    _, end = consumer.get_watermark_offsets(place, 10)
    consumer.assign([TopicPartition(topic, 0, 0)])
    records = []
    deadline = time.monotonic() + 20
    while (not records or records[-1][0] < end - 1) and end > 0 and time.monotonic() < deadline:
        records += [(one.offset(), one.value()) for one in consumer.consume(1000, 0.2) if not one.error()]
    consumer.close()
    return records


def lead(port, topic):
    """Whether the node that listens at `port` says that it leads the topic's partition."""
    try:
        with Wire(port) as wire:
            told = wire.ask(MetadataRequest, 9, topics=[MetadataRequest.MetadataRequestTopic(name=topic)],
                            allow_auto_topic_creation=False).topics[0]
        return bool(told.partitions) and told.partitions[0].error_code == 0
    except (OSError, EOFError):
        return False


class Appender(threading.Thread):
    """Appends one numbered batch after the other over one connection, and notes which were acknowledged, and where."""

    def __init__(self, port, topic, first, acks, size):
        super().__init__(daemon=True)
        self.port, self.topic, self.next, self.acks, self.size = port, topic, first, acks, size
        self.acknowledged = {}

    def run(self):
        try:
            with Wire(self.port) as wire:
                while True:
                    number = self.next
                    self.next += 1
                    value = b"%08d" % number + b"x" * self.size
                    data = ProduceRequest.TopicProduceData
                    [answer] = wire.ask(
                        ProduceRequest, 9, transactional_id=None, acks=self.acks, timeout_ms=5000, topic_data=[
                            data(name=self.topic, partition_data=[
                                data.PartitionProduceData(index=0, records=batch([value]))])]).responses
                    part = answer.partition_responses[0]
                    if part.error_code != 0:
                        return
                    self.acknowledged[number] = part.base_offset
        except Exception:  # The connection ends with the process, in whatever state it is.
            return


@pytest.mark.timeout(240)
@pytest.mark.parametrize("acks", [-1, 1])
def test_killed_while_it_appends_rolls_and_checkpoints(apus, seed, acks, request):
    """SIGKILL after a few random milliseconds of appends; segments hold some 40 records, checkpoints come all the time."""
    rng = random.Random(seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-killed-"))
    node = Node(apus, folder, free_port(), [
        "replica.high.watermark.checkpoint.interval.ms=20", "log.index.interval.bytes=200",
        "metadata.max.idle.interval.ms=0"])
    topic, acknowledged, number = "killed", {}, 0
    node.start()
    try:
        wait_until(lambda: lead_or_none(node.port), 20, f"the node serves; see {folder}")
        admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{node.port}"})
        admin.create_topics([NewTopic(topic, 1, 1, config={
            "retention.ms": "-1", "flush.messages": "1", "segment.bytes": "1048576", "index.interval.bytes": "200"})])[topic].result(20)
        for kill in range(KILLS // 2):
            wait_until(lambda: lead(node.port, topic), 20, f"it leads after kill {kill}; SEED={seed}, see {folder}")
            appender = Appender(node.port, topic, number, acks, 25_000)
            appender.start()
            time.sleep(rng.uniform(0.0, 0.12))
            node.kill()
            appender.join(10)
            acknowledged |= appender.acknowledged
            number = appender.next
            node.start()
            if kill % 5 == 4 or kill == KILLS // 2 - 1:
                wait_until(lambda: lead(node.port, topic), 20, f"it leads; SEED={seed}, see {folder}")
                found = everything(f"127.0.0.1:{node.port}", topic)
                assert [offset for offset, _ in found] == list(range(len(found))), f"SEED={seed}, see {folder}"
                numbers = [int(value[:8]) for _, value in found]
                assert len(set(numbers)) == len(numbers), f"twice: SEED={seed}, see {folder}"
                lost = {one: at for one, at in acknowledged.items() if at >= len(found) or numbers[at] != one}
                assert not lost, f"lost {lost} of {len(acknowledged)}: SEED={seed}, see {folder}"
                check = node.dump()
                assert check.returncode == 0, f"{check.stdout[-2000:]}{check.stderr}; SEED={seed}, see {folder}"
        assert len(acknowledged) > KILLS, "it was killed before it could do anything"
        assert len(list((folder / "data" / f"{topic}-0").glob("*.log"))) > 1, "segments were rolled"
        node.process.terminate()
        assert node.process.wait(40) == 0
        if KAFKA.exists():
            for file in sorted((folder / "data" / f"{topic}-0").glob("*.log"))[-3:]:
                out = kafka_tool("dump-log", "--deep-iteration", "--files", str(file))
                assert "Exception" not in out and "Mismatch" not in out
    finally:
        if node.process.poll() is None:
            node.process.kill()
            node.process.wait()
    shutil.rmtree(folder)


def lead_or_none(port):
    try:
        with Wire(port) as wire:
            return wire.ask(MetadataRequest, 9, topics=[], allow_auto_topic_creation=False).brokers
    except (OSError, EOFError):
        return None


@pytest.fixture(scope="module")
def quick(apus, request):
    """Three nodes that give a silent one up after two seconds."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-zombies-"))
    cluster = Cluster(apus, folder, free_port(), extra=[
        "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=3000"])
    cluster.start()
    yield cluster
    for process in cluster.processes.values():
        process.send_signal(signal.SIGCONT)
    cluster.stop()
    if request.session.testsfailed == 0:
        shutil.rmtree(folder)


def describe(cluster, node, topic):
    with Wire(cluster.port + node) as wire:
        told = wire.ask(MetadataRequest, 9, topics=[MetadataRequest.MetadataRequestTopic(name=topic)],
                        allow_auto_topic_creation=False).topics[0]
    return told.partitions


def produce_at(wire, topic, value, acks=-1, timeout_ms=5000):
    data = ProduceRequest.TopicProduceData
    [answer] = wire.ask(ProduceRequest, 9, transactional_id=None, acks=acks, timeout_ms=timeout_ms, topic_data=[
        data(name=topic, partition_data=[
            data.PartitionProduceData(index=0, records=batch([value]))])]).responses
    return answer.partition_responses[0]


def stream(cluster, topic):
    """Produces with idempotence until told to stop."""
    acknowledged, failed = [], []
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all", "enable.idempotence": True, "linger.ms": 1,
                         # A node that is stopped keeps its connections: only time tells that it does not answer.
                         "request.timeout.ms": 2000, "socket.timeout.ms": 3000})
    stop = threading.Event()

    def run():
        number = 0
        while not stop.is_set():
            value = b"%08d" % number
            producer.produce(topic, value, partition=0, on_delivery=lambda error, message: (
                failed.append(str(error)) if error else acknowledged.append(message.value())))
            producer.poll(0.002)
            number += 1
        producer.flush(30)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return acknowledged, failed, stop, thread


@pytest.mark.timeout(90)
@pytest.mark.parametrize("role", ["leader", "follower"])
def test_a_node_that_stops_past_its_session_and_comes_back_changes_nothing(quick, role):
    topic = f"zombie-{role}"
    admin = AdminClient({"bootstrap.servers": quick.plain})
    admin.create_topics(
        [NewTopic(topic, 1, 3, config={"retention.ms": "-1"})])[topic].result(20)
    # The first node may learn of the topic a moment later.
    [leader] = wait_until(lambda: [one.leader_id for one in describe(quick, 0, topic) if one.leader_id >= 0], 20,
                          "it has a leader")
    victim = leader if role == "leader" else (leader + 1) % 3
    other = next(node for node in range(3) if node != victim)
    acknowledged, failed, stop, thread = stream(quick, topic)
    wait_until(lambda: len(acknowledged) > 100, 20, "records are acknowledged")
    with Wire(quick.port + victim) as zombie:
        zombie.ask(MetadataRequest, 9, topics=[], allow_auto_topic_creation=False)

        def is_given_up():
            # Again and again, for a machine whose supervisor wakes processes that are stopped.
            quick.processes[victim].send_signal(signal.SIGSTOP)
            told = describe(quick, other, topic)[0]
            return victim not in told.isr_nodes and told.leader_id not in (victim, -1)

        try:
            wait_until(is_given_up, 20, "it is given up")
            before = len(acknowledged)
            wait_until(lambda: len(acknowledged) > before + 100, 20, "the others go on")
        finally:
            quick.processes[victim].send_signal(signal.SIGCONT)
        # In the moment it wakes it still believes what it believed: with acks=all it may not acknowledge anything.
        if role == "leader":
            answer = produce_at(zombie, topic, b"of a zombie", timeout_ms=2000)
            assert answer.error_code != 0, "a leader of the past acknowledged a record"
    wait_until(lambda: victim in describe(quick, other, topic)[0].isr_nodes, 30, "it is in sync again")
    stop.set()
    thread.join(40)
    assert not failed and not thread.is_alive()
    values = [value for _, value in everything(quick.plain, topic)]
    assert b"of a zombie" not in values
    assert values == sorted(values) and len(set(values)) == len(values), "a record is there twice, or out of order"
    assert set(acknowledged) <= set(values), "an acknowledged record is lost"
