"""Controllers make themselves known, and are spoken to directly (KIP-919)."""

import re
import shutil

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType
from kafka.protocol.admin import DescribeClusterRequest

from cluster import KAFKA, kafka_tool, wait_until
from wire import Wire

MISMATCHED_ENDPOINT_TYPE, UNSUPPORTED_ENDPOINT_TYPE = 114, 115
BROKERS, CONTROLLERS = 1, 2

needs_kafka = pytest.mark.skipif(not KAFKA.exists(), reason=f"the real Kafka's tools are not at {KAFKA}")


def registrations(cluster):
    """The newest registration of every controller in the metadata log."""
    return {fields["controllerId"]: fields for record, fields in cluster.metadata()
            if record == "RegisterControllerRecord"}


def test_every_controller_is_in_the_metadata(cluster):
    found = wait_until(lambda: len(registrations(cluster)) == 3 and registrations(cluster), 20, "all have registered")
    for node, fields in found.items():
        [endpoint] = fields["endPoints"]
        assert (endpoint["name"], endpoint["host"], endpoint["port"]) == (
            "CONTROLLER", "127.0.0.1", cluster.port + 100 + node)
        assert "metadata.version" in {feature["name"] for feature in fields["features"]}


def test_a_restarted_controller_registers_anew(cluster):
    before = wait_until(lambda: registrations(cluster).get(2), 20, "it has registered")["incarnationId"]
    assert cluster.leave(2) == 0
    cluster.start(2)
    wait_until(lambda: registrations(cluster)[2]["incarnationId"] != before, 20, "its new process has registered")


def test_each_listener_describes_its_own_kind(cluster):
    wait_until(lambda: len(registrations(cluster)) == 3, 20, "all have registered")

    def ask(port, version, **more):
        with Wire(port) as wire:
            return wire.ask(DescribeClusterRequest, version, include_cluster_authorized_operations=False, **more)

    controller, broker = cluster.port + 100, cluster.port
    for version in (1, 2):
        more = {"include_fenced_brokers": False} if version == 2 else {}
        told = ask(controller, version, endpoint_type=CONTROLLERS, **more)
        assert (told.error_code, told.controller_id in range(3)) == (0, True)
        assert {(one.broker_id, one.port) for one in told.brokers} == {(i, controller + i) for i in range(3)}
        assert ask(controller, version, endpoint_type=BROKERS, **more).error_code == MISMATCHED_ENDPOINT_TYPE
        assert ask(controller, version, endpoint_type=7, **more).error_code == UNSUPPORTED_ENDPOINT_TYPE
        assert ask(broker, version, endpoint_type=CONTROLLERS, **more).error_code == MISMATCHED_ENDPOINT_TYPE
        assert len(ask(broker, version, endpoint_type=BROKERS, **more).brokers) == 3
    assert ask(controller, 0).error_code == MISMATCHED_ENDPOINT_TYPE
    assert len(ask(broker, 0).brokers) == 3


@needs_kafka
def test_the_metadata_shell_shows_the_controllers(cluster, tmp_path):
    wait_until(lambda: len(registrations(cluster)) == 3, 20, "all have registered")
    endpoint = f"Endpoint(listenerName='CONTROLLER', securityProtocol=PLAINTEXT, host='127.0.0.1', " \
               f"port={cluster.port + 101})"

    def shown():
        # A copy, since the tool locks the data directory as a running node does; its end may be half a batch.
        log = shutil.copy(cluster.folder / "0" / "data" / "__cluster_metadata-0" / "00000000000000000000.log", tmp_path)
        return endpoint in kafka_tool("metadata-shell", "--snapshot", str(log), "cat", "/image/cluster/controllers/1")

    wait_until(shown, 30, "the shell shows the endpoint")


@needs_kafka
def test_tools_that_ask_controllers(cluster):
    to = ["--bootstrap-controller", f"127.0.0.1:{cluster.port + 100}"]
    status = kafka_tool("metadata-quorum", *to, "describe", "--status")
    assert re.search(r"LeaderId:\s+[012]", status)
    assert kafka_tool("cluster", "cluster-id", *to).startswith("Cluster ID: ")
    out = kafka_tool("cluster", "list-endpoints", *to)
    rows = [line.split() for line in out.splitlines()[1:]]
    assert [(row[0], row[2], row[-1]) for row in rows] == [
        (str(node), str(cluster.port + 100 + node), "controller") for node in range(3)]
    default = ["--entity-type", "brokers", "--entity-default"]
    kafka_tool("configs", *to, "--alter", *default, "--add-config", "log.retention.ms=987654321")
    wait_until(lambda: "log.retention.ms=987654321" in kafka_tool("configs", *to, "--describe", *default), 10,
               "the config is there")
    kafka_tool("configs", *to, "--alter", *default, "--delete-config", "log.retention.ms")
    assert "metadata.version" in kafka_tool("features", *to, "describe")


@needs_kafka
def test_features_are_lowered_and_raised(cluster):
    kafka_tool("features", "--bootstrap-controller", f"127.0.0.1:{cluster.port + 101}", "downgrade", "--feature",
               "group.version=0")
    out = kafka_tool("features", "--bootstrap-server", cluster.plain, "upgrade", "--feature", "group.version=1")
    assert "group.version was upgraded to 1." in out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_alter_configs_replaces_all_of_them(cluster):
    admin, name = AdminClient({"bootstrap.servers": cluster.plain}), "replaced-configs"
    admin.create_topics([NewTopic(name, 1, 3)])[name].result(20)

    def alter(**configs):
        resource = ConfigResource(ResourceType.TOPIC, name, set_config={
            key.replace("_", "."): value for key, value in configs.items()})
        admin.alter_configs([resource])[resource].result(20)

    def described():
        resource = ConfigResource(ResourceType.TOPIC, name)
        told = admin.describe_configs([resource])[resource].result(20)
        return told["retention.ms"].value, told["max.message.bytes"].value

    alter(retention_ms="1000000", max_message_bytes="3333")
    wait_until(lambda: described() == ("1000000", "3333"), 10, "both are set")
    alter(retention_ms="2000000")
    wait_until(lambda: described() == ("2000000", "1048588"), 10, "one is set, the other back at its default")
