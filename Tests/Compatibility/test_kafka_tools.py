"""Kafka's own tools run unchanged and print what they print against Kafka. Skipped where Kafka is absent."""

import re
import shutil
import uuid

import pytest

from cluster import KAFKA, kafka_tool, wait_until

pytestmark = pytest.mark.skipif(not KAFKA.exists(), reason=f"the real Kafka's tools are not at {KAFKA}")


@pytest.fixture(scope="module")
def topic(cluster):
    name = f"tools-{uuid.uuid4().hex[:8]}"
    out = kafka_tool("topics", "--bootstrap-server", cluster.plain, "--create", "--topic", name, "--partitions", "3",
                     "--replication-factor", "3", "--config", "retention.ms=3600000")
    assert out.strip() == f"Created topic {name}."
    return name


def test_topics(cluster, topic):
    assert topic in kafka_tool("topics", "--bootstrap-server", cluster.plain, "--list").split()
    out = kafka_tool("topics", "--bootstrap-server", cluster.plain, "--describe", "--topic", topic)
    assert "PartitionCount: 3" in out and "ReplicationFactor: 3" in out
    assert "min.insync.replicas=2" in out and "retention.ms=3600000" in out
    assert len(re.findall(r"Partition: \d+\tLeader: [012]\t", out)) == 3
    kafka_tool("topics", "--bootstrap-server", cluster.plain, "--alter", "--topic", topic, "--partitions", "5")
    wait_until(lambda: "PartitionCount: 5" in kafka_tool(
        "topics", "--bootstrap-server", cluster.plain, "--describe", "--topic", topic), 10, "the topic grows")


def test_configs(cluster, topic):
    base = ["--bootstrap-server", cluster.plain, "--entity-type", "topics", "--entity-name", topic]
    out = kafka_tool("configs", *base, "--alter", "--add-config", "max.message.bytes=2000000")
    assert out.strip() == f"Completed updating config for topic {topic}."
    out = kafka_tool("configs", *base, "--describe")
    assert "max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000000" in out
    assert "DEFAULT_CONFIG:message.max.bytes=1048588}" in out
    kafka_tool("configs", *base, "--alter", "--delete-config", "max.message.bytes")
    wait_until(lambda: "max.message.bytes" not in kafka_tool("configs", *base, "--describe"), 10, "it is gone")


def test_producer_perf_test_and_offsets(cluster, topic):
    out = kafka_tool("producer-perf-test", "--topic", topic, "--num-records", "2000", "--record-size", "100",
                     "--throughput", "-1", "--producer-props", f"bootstrap.servers={cluster.plain}", "acks=all")
    assert "2000 records sent" in out
    out = kafka_tool("get-offsets", "--bootstrap-server", cluster.plain, "--topic", topic)
    assert sum(int(line.rsplit(":", 1)[1]) for line in out.split()) == 2000


def test_metadata_quorum(cluster):
    status = kafka_tool("metadata-quorum", "--bootstrap-server", cluster.plain, "describe", "--status")
    assert re.search(r"LeaderId:\s+[012]", status) and re.search(r"CurrentVoters:.*0.*1.*2", status)
    replication = kafka_tool("metadata-quorum", "--bootstrap-server", cluster.plain, "describe", "--replication")
    rows = [line.split() for line in replication.splitlines()[1:]]
    # The voters are static, so their directories are not known.
    assert sorted(row[:2] for row in rows) == [[str(node), "A" * 22] for node in range(3)]
    assert sorted(row[-1] for row in rows) == ["Follower", "Follower", "Leader"]


def test_metadata_shell(cluster, topic, tmp_path):
    # A copy, since the tool locks the data directory as a running node does.
    log = shutil.copy(cluster.folder / "0" / "data" / "__cluster_metadata-0" / "00000000000000000000.log", tmp_path)
    # On a busy machine the tool looks into its image before it has read the log into it, of Kafka's nodes as of ours.
    wait_until(lambda: re.search(
        r"PartitionRegistration\(replicas=\[\d, \d, \d\], .*leaderRecoveryState=RECOVERED",
        kafka_tool("metadata-shell", "--snapshot", str(log), "cat", f"/image/topics/byName/{topic}/0")),
        60, "the tool shows the partition")


def test_leader_election(cluster, topic):
    out = kafka_tool("leader-election", "--bootstrap-server", cluster.plain, "--election-type", "preferred",
                     "--topic", topic, "--partition", "0")
    assert "Valid replica already elected" in out or "Successfully completed leader election" in out


def test_broker_api_versions(cluster):
    out = kafka_tool("broker-api-versions", "--bootstrap-server", cluster.plain)
    assert "Produce(0): 3 to 13" in out and out.count("rack: zone-") == 3


def test_dump_log_reads_every_file(cluster, topic):
    for node in range(3):
        data = cluster.folder / str(node) / "data"
        for file in sorted(data.glob(f"{topic}-*/0*")):
            if file.suffix in (".log", ".index", ".timeindex", ".snapshot") and file.stat().st_size > 0:
                out = kafka_tool("dump-log", "--files", str(file))
                assert "Found" not in out and "Mismatch" not in out and "Exception" not in out, f"{file}: {out}"
        log = data / "__cluster_metadata-0" / "00000000000000000000.log"
        out = kafka_tool("dump-log", "--cluster-metadata-decoder", "--files", str(log))
        assert "REGISTER_BROKER_RECORD" in out and "TOPIC_RECORD" in out
