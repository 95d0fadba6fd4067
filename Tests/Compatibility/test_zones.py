"""Zones: reading in one's own, leading in those that a topic names, draining one under load, listeners for each."""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType)

from cluster import KAFKA, ROOT, Cluster, free_port, kafka_tool, wait_until


@pytest.fixture(scope="module")
def zoned(apus, request):
    """A cluster of its own, node i in zone-i: a drained zone would disturb other tests. Metrics are on port + 250 + i."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-zones-"))
    port = free_port()
    cluster = Cluster(apus, folder, port, extra=lambda node: [f"apus.http.listener=127.0.0.1:{port + 250 + node}"])
    cluster.start()
    yield cluster
    codes = cluster.stop()
    assert set(codes.values()) == {0}, f"exit codes after SIGTERM: {codes}; see {folder}"
    if request.session.testsfailed == 0:
        shutil.rmtree(folder)


@pytest.fixture
def admin(zoned):
    return AdminClient({"bootstrap.servers": zoned.plain})


def create(admin, partitions=6, **configs):
    name = f"z-{uuid.uuid4().hex[:12]}"
    configs = {key.replace("_", "."): value for key, value in configs.items()}
    admin.create_topics([NewTopic(name, partitions, 3, config=configs)])[name].result(20)
    # The broker that answers may hear of the topic later than the one that created it.
    wait_until(lambda: len(leaders(admin, name)) == partitions and min(leaders(admin, name)) >= 0, 10,
               "all partitions have leaders")
    return name


def leaders(admin, topic):
    partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
    return [partitions[index].leader for index in sorted(partitions)]


def in_sync(admin, topic, partitions=6, count=3):
    found = admin.list_topics(topic, timeout=10).topics[topic].partitions.values()
    return len(found) == partitions and all(len(partition.isrs) == count for partition in found)


def zones(cluster, *arguments, status=0):
    result = subprocess.run([cluster.program, "zones", *arguments, "-b", cluster.plain], capture_output=True, text=True,
                            timeout=60)
    assert result.returncode == status, f"apus zones {arguments}: {result.stdout}{result.stderr}"
    return result.stdout + result.stderr


def listed(cluster):
    return {zone["zone"]: zone for zone in json.loads(zones(cluster, "list", "--json"))}


def metrics(cluster, node, name):
    """The values of a metric on a node, by their labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.port + 250 + node}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(rf"^{name}(?:{{(.*?)}})? ([0-9.e+]+)", text, re.MULTILINE)
    return {tuple(sorted(re.findall(r'(\w+)="(.*?)"', labels))): float(value) for labels, value in found}


def fetched(cluster):
    """Bytes given to readers by (kind of reader, zone of the broker, zone of the reader), of the whole cluster."""
    found = collections.Counter()
    for node in range(3):
        for labels, value in metrics(cluster, node, "apus_fetched_bytes_by_zone_total").items():
            labels = dict(labels)
            found[labels["reader"], labels["from"], labels["to"]] += value
    return found


def produce(cluster, topic, count, size=1000, partitions=6):
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all"})
    errors = []
    for index in range(count):
        producer.produce(topic, index.to_bytes(4, "big") * (size // 4), partition=index % partitions,
                         on_delivery=lambda error, _: error and errors.append(error))
    assert producer.flush(30) == 0 and not errors


# Reading in one's own zone.


def read_with_librdkafka(cluster, topic, rack):
    consumer = Consumer({"bootstrap.servers": cluster.plain, "group.id": "unused", "client.rack": rack,
                         "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(6)])
    found = 0
    while found < 600:
        message = consumer.poll(20)
        assert message is not None and message.error() is None, message and message.error()
        found += 1
    consumer.close()


def read_with_kcat(cluster, topic, rack):
    result = subprocess.run(["kcat", "-b", cluster.plain, "-C", "-t", topic, "-o", "beginning", "-c", "600", "-q",
                             "-f", "%o\n", "-X", f"client.rack={rack}"], capture_output=True, text=True, timeout=60)
    assert result.stdout.count("\n") == 600, result.stderr


def read_with_apus(cluster, topic, rack):
    result = subprocess.run(
        [cluster.program, "consume", "-b", cluster.plain, "--topic", topic, "--from-beginning", "--max-messages", "600",
         "--client-rack", rack], capture_output=True, timeout=60)
    assert result.returncode == 0 and result.stdout.count(b"\n") >= 600, result.stderr


@pytest.mark.parametrize("read", [read_with_librdkafka, read_with_kcat, read_with_apus],
                         ids=["librdkafka", "kcat", "apus"])
def test_a_consumer_reads_in_its_zone_and_nothing_crosses(zoned, admin, read):
    topic = create(admin)
    produce(zoned, topic, 600)
    # The followers have to hold everything before a consumer is sent to them.
    wait_until(lambda: in_sync(admin, topic), 10, "all replicas are in sync")
    before = fetched(zoned)
    read(zoned, topic, "zone-1")
    more = fetched(zoned) - before
    assert more["consumer", "zone-1", "zone-1"] >= 600_000
    assert {key for key in more if key[0] == "consumer"} == {("consumer", "zone-1", "zone-1")}


def test_a_consumer_in_another_zone_reads_a_record_soon_although_no_other_follows(zoned, admin):
    """A follower has to hear how much consumers may see, and nothing else comes that could carry the news."""
    topic = create(admin, partitions=1, apus_leader_zones="zone-0")
    consumer = Consumer({"bootstrap.servers": zoned.plain, "group.id": "unused", "client.rack": "zone-1",
                         "enable.auto.commit": False, "fetch.wait.max.ms": 5000})
    consumer.assign([TopicPartition(topic, 0, 0)])
    producer = Producer({"bootstrap.servers": zoned.plain, "acks": "all", "linger.ms": 0})
    delays = []
    for index in range(9):
        start = time.monotonic()
        producer.produce(topic, b"record", partition=0)
        producer.flush(10)
        message = consumer.poll(10)
        assert message is not None and message.error() is None
        delays.append(time.monotonic() - start)
    consumer.close()
    # The first ones wait until the consumer has found the follower; a follower's fetch waits 500 ms by default.
    assert sorted(delays)[4] < 0.15, delays


def test_bytes_are_counted_by_zone_also_for_followers_and_readers_from_elsewhere(zoned, admin):
    topic = create(admin, apus_leader_zones="zone-0")
    before = fetched(zoned)
    produce(zoned, topic, 600)
    wait_until(lambda: min((fetched(zoned) - before)["follower", "zone-0", f"zone-{zone}"] for zone in (1, 2)) >= 600_000,
               10, "both followers have fetched from zone-0")
    read_with_librdkafka(zoned, topic, "made-up")
    read_with_librdkafka(zoned, topic, "")
    more = fetched(zoned) - before
    assert more["consumer", "zone-0", "(other)"] >= 600_000
    assert more["consumer", "zone-0", "(none)"] >= 600_000
    assert all(reader != "consumer" or target in ("(other)", "(none)") for reader, _, target in more)


# Leading in the zones that a topic names.


def test_a_topic_is_led_in_the_zones_it_names_and_follows_a_change(zoned, admin):
    topic = create(admin, apus_leader_zones="zone-2")
    assert set(leaders(admin, topic)) == {2}

    def alter(operation, value=None):
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("apus.leader.zones", value, incremental_operation=operation)])
        admin.incremental_alter_configs([resource])[resource].result(20)

    alter(AlterConfigOpType.SET, "zone-1,zone-0")
    wait_until(lambda: set(leaders(admin, topic)) == {1}, 10, "the leaders are in zone-1")
    described = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)])
    [config] = [future.result(20)["apus.leader.zones"] for future in described.values()]
    assert config.value == "zone-1,zone-0"
    alter(AlterConfigOpType.DELETE)
    # Placed while the topic named zone-2, all prefer the replica there.
    wait_until(lambda: set(leaders(admin, topic)) == {2}, 10, "the leaders are their first replicas")
    with pytest.raises(Exception, match="must not be duplicated"):
        alter(AlterConfigOpType.SET, "zone-1,zone-1")


@pytest.mark.skipif(not KAFKA.exists(), reason=f"the real Kafka's tools are not at {KAFKA}")
def test_kafkas_tools_set_and_show_what_decides_about_zones(zoned, admin):
    topic = create(admin)
    server = ["--bootstrap-server", zoned.plain]
    entity = [*server, "--entity-type", "topics", "--entity-name", topic]
    kafka_tool("configs", *entity, "--alter", "--add-config", "apus.leader.zones=[zone-1,zone-2]")
    wait_until(lambda: set(leaders(admin, topic)) == {1}, 10, "the leaders are in zone-1")
    assert "apus.leader.zones=zone-1,zone-2 sensitive=false" in kafka_tool("configs", *entity, "--describe")
    everyone = [*server, "--entity-type", "brokers", "--entity-default"]
    kafka_tool("configs", *everyone, "--alter", "--add-config", "apus.zones.drained=zone-1")
    wait_until(lambda: set(leaders(admin, topic)) == {2}, 10, "the leaders have left zone-1")
    assert listed(zoned)["zone-1"]["state"] == "drained"
    assert "apus.zones.drained=zone-1 sensitive=false" in kafka_tool("configs", *everyone, "--describe")
    # A preferred election does not lead back into the drained zone.
    kafka_tool("leader-election", *server, "--election-type", "preferred", "--topic", topic, "--partition", "0")
    assert set(leaders(admin, topic)) == {2}
    kafka_tool("configs", *everyone, "--alter", "--delete-config", "apus.zones.drained")
    wait_until(lambda: set(leaders(admin, topic)) == {1}, 10, "the leaders are back in zone-1")


# Draining.


class Load:
    """Producers and a consumer that note every error they see, until they are told to end."""

    def __init__(self, cluster, topic, rack="zone-0", partitions=6):
        self.cluster, self.topic, self.partitions = cluster, topic, partitions
        self.errors, self.sent, self.seen = [], {}, {}
        self.delivered = {"plain": 0, "leader": 0, "idempotent": 0}
        self.ending, self.produced = threading.Event(), threading.Event()
        self.producers = [
            threading.Thread(target=self.produce, args=("plain", {"acks": "all"})),
            threading.Thread(target=self.produce, args=("leader", {"acks": "1"})),
            threading.Thread(target=self.produce, args=("idempotent", {"acks": "all", "enable.idempotence": True}))]
        self.consumers = [threading.Thread(target=self.consume, args=({},)),
                          threading.Thread(target=self.consume, args=({"client.rack": rack},))]

    def note(self, who):
        return lambda error, *_: error and self.errors.append((who, str(error)))

    def count(self, kind):
        def delivered(error, _):
            self.note(kind)(error)
            self.delivered[kind] += not error
        return delivered

    def goes_on(self, records=300):
        """Waits until every producer has had so many more records acknowledged."""
        goals = {kind: count + records for kind, count in self.delivered.items()}
        wait_until(lambda: all(self.delivered[kind] >= goal for kind, goal in goals.items()), 20,
                   f"each producer writes {records} more records")

    def hear(self, who):
        """What librdkafka says beside the outcomes. That it cannot connect to a node that is down, where it needs
        nothing, is no error of a client."""
        def heard(error):
            if error.code() != KafkaError._TRANSPORT:
                self.note(who)(error)
        return heard

    def produce(self, kind, settings):
        producer = Producer({"bootstrap.servers": self.cluster.plain, "linger.ms": 2, "error_cb": self.hear(kind),
                             **settings})
        sent = 0
        while not self.ending.is_set():
            producer.produce(self.topic, f"{kind}-{sent}".encode(), partition=sent % self.partitions,
                             on_delivery=self.count(kind))
            sent += 1
            producer.poll(0)
            time.sleep(0.001)
        if producer.flush(30) != 0:
            self.errors.append((kind, "not everything was delivered"))
        self.sent[kind] = sent

    def consume(self, settings):
        name = f"consumer {settings}"
        consumer = Consumer({"bootstrap.servers": self.cluster.plain, "group.id": "unused", "enable.auto.commit": False,
                             "error_cb": self.hear(name), **settings})
        consumer.assign([TopicPartition(self.topic, partition, 0) for partition in range(self.partitions)])
        seen, deadline = [], None
        # A client may take some seconds to connect again to a node that was down.
        while deadline is None or time.monotonic() < deadline and self.missing(seen):
            if deadline is None and self.produced.is_set():
                deadline = time.monotonic() + 60
            message = consumer.poll(0.1)
            if message is None:
                continue
            if message.error():
                self.errors.append((name, str(message.error())))
            else:
                seen.append(message.value().decode())
        consumer.close()
        self.seen[name] = seen

    def missing(self, seen):
        """Records that were acknowledged and not seen. With acks=1 a leader may answer for what it alone holds."""
        values = set(seen)
        return [value for kind in ("plain", "idempotent") for index in range(self.sent[kind])
                if (value := f"{kind}-{index}") not in values]

    def __enter__(self):
        for thread in self.producers + self.consumers:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.producers:
            thread.join()
        self.produced.set()
        for thread in self.consumers:
            thread.join()

    def check(self):
        assert not self.errors
        for name, seen in self.seen.items():
            missing = self.missing(seen)
            assert not missing, f"{name} misses {len(missing)} of {self.sent}: {missing[:5]}"
            assert min(self.sent.values()) > 100
            idempotent = [value for value in seen if value.startswith("idempotent")]
            assert len(idempotent) == len(set(idempotent)), f"{name} saw records twice"


def test_draining_and_restoring_zones_under_load_costs_no_client_an_error(zoned, admin):
    topic = create(admin)
    wait_until(lambda: set(leaders(admin, topic)) == {0, 1, 2}, 10, "all zones lead")
    with Load(zoned, topic) as load:
        load.goes_on()
        for zone in range(3):
            out = zones(zoned, "drain", f"zone-{zone}")
            assert f"Zone zone-{zone} leads nothing" in out
            assert zone not in leaders(admin, topic)
            assert listed(zoned)[f"zone-{zone}"]["state"] == "drained"
            load.goes_on()
            assert "may lead again" in zones(zoned, "restore", f"zone-{zone}")
            wait_until(lambda: set(leaders(admin, topic)) == {0, 1, 2}, 10, "all zones lead again")
            load.goes_on()
    load.check()


def test_a_drained_zone_is_worked_on_without_a_client_noticing(zoned, admin):
    """What draining is for: its nodes are restarted while nothing depends on them."""
    topic = create(admin)
    zones(zoned, "drain", "zone-1")
    # A consumer even reads there.
    with Load(zoned, topic, rack="zone-1") as load:
        load.goes_on()
        assert zoned.leave(1) == 0
        load.goes_on()
        zoned.start(1)
        wait_until(lambda: in_sync(admin, topic), 20, "the node is in sync again")
        # It is still drained, although it and every record of that are older than its process.
        assert 1 not in leaders(admin, topic)
        assert listed(zoned)["zone-1"]["state"] == "drained"
        zones(zoned, "restore", "zone-1")
        wait_until(lambda: set(leaders(admin, topic)) == {0, 1, 2}, 10, "the zone leads again")
        load.goes_on()
    load.check()


def test_what_cannot_be_drained_is_said(zoned, admin):
    assert "no broker is in zone 'nowhere'; there are zone-0, zone-1, zone-2" in zones(
        zoned, "drain", "nowhere", status=1)
    assert "was not drained" in zones(zoned, "restore", "zone-0")
    name = f"z-{uuid.uuid4().hex[:12]}"
    admin.create_topics([NewTopic(name, replica_assignment=[[0]], num_partitions=1)])[name].result(20)
    out = zones(zoned, "drain", "zone-0", status=1)
    assert f"1 leaders stay: {name}-0; no replica outside drained zones is in sync" in out
    zones(zoned, "drain", "zone-1")
    assert "no other zone could lead" in zones(zoned, "drain", "zone-2", status=1)
    for zone in range(2):
        zones(zoned, "restore", f"zone-{zone}")
    admin.delete_topics([name])[name].result(20)


# The warning level.


def test_the_loss_of_a_zone_warns_of_the_next_one(zoned, admin):
    topic = create(admin)
    gauge = "apus_partitions_zone_loss_below_min_isr"
    wait_until(lambda: sum(metrics(zoned, node, gauge)[()] for node in range(3)) == 0, 20, "nothing is at risk")
    zoned.kill(2)

    def at_risk():
        described = subprocess.run(
            [zoned.program, "topics", "describe", "-b", zoned.plain, "--topic", topic, "--at-zone-risk", "--json"],
            capture_output=True, text=True, check=True).stdout
        return [partition["atRiskWithZones"] for found in json.loads(described) for partition in found["partitions"]]

    wait_until(lambda: len(at_risk()) == 6, 10, "all partitions are at risk")
    assert all(set(zones) == {"zone-0", "zone-1"} for zones in at_risk())
    wait_until(lambda: sum(metrics(zoned, node, gauge)[()] for node in range(2)) >= 6, 10, "the metric says so")
    assert listed(zoned)["zone-0"]["partitionsAtRisk"] >= 6
    assert listed(zoned)["zone-2"]["fenced"] == [2]
    wait_until(lambda: all("WARN zones with the loss of one zone" in (zoned.folder / str(node) / "server.log").read_text()
                           for node in range(2)), 10, "the log says so")
    zoned.start(2)
    wait_until(lambda: at_risk() == [], 20, "nothing is at risk any more")
    wait_until(lambda: all("INFO zones every partition led here would survive" in
                           (zoned.folder / str(node) / "server.log").read_text() for node in range(2)),
               10, "the log says that it has ended")


# Listeners for the clients of each zone.


def test_clients_are_told_the_addresses_of_the_listener_of_their_zone(apus, tmp_path):
    files = sorted((ROOT / "cluster-configs" / "three-zone").glob("*.properties"))
    identifier = subprocess.run([apus, "storage", "random-uuid"], check=True, capture_output=True,
                                text=True).stdout.strip()
    nodes = []
    try:
        for file in files:
            subprocess.run([apus, "storage", "format", "-t", identifier, "-c", file], check=True, cwd=tmp_path,
                           capture_output=True)
            log = open(tmp_path / f"{file.stem}.log", "wb")
            nodes.append(subprocess.Popen([apus, "server", file], cwd=tmp_path, stdout=log, stderr=log))
        for zone in (1, 2, 3):
            # One broker's listener for the zone leads to those of all brokers for the same zone.
            client = AdminClient({"bootstrap.servers": f"localhost:91{zone:02}"})
            expected = {node: f"localhost:9{node}{zone:02}" for node in (1, 2, 3)}

            def addresses():
                return {id: f"{broker.host}:{broker.port}" for id, broker in client.list_topics(timeout=20).brokers.items()}

            wait_until(lambda: addresses() == expected, 20, f"clients of zone {zone} are told {expected}; see {tmp_path}")
        # From any of them records come to every partition, and are read in the reader's zone.
        topic = "orders"
        admin = AdminClient({"bootstrap.servers": "localhost:9102"})
        admin.create_topics([NewTopic(topic, 6, 3)])[topic].result(20)
        producer = Producer({"bootstrap.servers": "localhost:9203", "acks": "all"})
        errors = []
        for partition in range(6):
            producer.produce(topic, b"record", partition=partition,
                             on_delivery=lambda error, _: error and errors.append(error))
        assert producer.flush(30) == 0 and not errors
        # Without -e: a follower hears a moment later than the leader how much consumers may see.
        out = subprocess.run(["kcat", "-b", "localhost:9301", "-C", "-t", topic, "-o", "beginning", "-c", "6", "-q",
                              "-X", "client.rack=zone-1"], capture_output=True, text=True, timeout=60)
        assert out.stdout.split() == ["record"] * 6, out.stderr
    finally:
        for node in nodes:
            node.terminate()
        codes = [node.wait(40) for node in nodes]
    assert set(codes) == {0}, f"exit codes {codes}; see {tmp_path}"
