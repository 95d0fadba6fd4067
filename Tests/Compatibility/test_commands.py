"""Our own commands, from end to end: TLS by a file of Kafka's client settings, headers, keys."""

import subprocess
import uuid

import pytest
from confluent_kafka import Consumer, TopicPartition

from cluster import wait_until


def apus(cluster, *arguments, input=None, code=0):
    result = subprocess.run([cluster.program, *arguments], input=input, capture_output=True, text=True, timeout=60)
    assert result.returncode == code, f"{arguments}: {result.stdout}{result.stderr}"
    return result.stdout if code == 0 else result.stderr


@pytest.fixture
def settings(cluster, tmp_path):
    file = tmp_path / "client.properties"
    file.write_text(f"security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={cluster.authority}\n")
    return str(file)


def test_everything_over_tls_by_a_file_of_settings(cluster, settings):
    topic, to = f"tls-{uuid.uuid4().hex[:8]}", ["--bootstrap-server", cluster.tls, "--command-config", settings]
    apus(cluster, "topics", "create", "--topic", topic, "--partitions", "2", *to)
    assert topic in apus(cluster, "topics", "list", *to)
    lines = [f"record {number}" for number in range(500)]
    apus(cluster, "produce", "--topic", topic, *to, input="\n".join(lines) + "\n")
    out = apus(cluster, "consume", "--topic", topic, "--from-beginning", "--max-messages", "500", *to)
    assert sorted(out.splitlines()) == sorted(lines)
    apus(cluster, "topics", "delete", "--topic", topic, *to)


def test_a_server_that_nobody_vouches_for_is_not_talked_to(cluster, tmp_path):
    file = tmp_path / "client.properties"
    file.write_text("security.protocol=SSL\n")
    out = apus(cluster, "topics", "list", "--bootstrap-server", cluster.tls, "--command-config", str(file),
               "--timeout", "5", code=1)
    assert "certificate" in out or "TLS" in out, out


def test_settings_that_cannot_be_used_are_named(cluster, tmp_path):
    file = tmp_path / "client.properties"
    file.write_text("security.protocol=SSL\nssl.truststore.location=/nowhere.jks\n")
    out = apus(cluster, "topics", "list", "--bootstrap-server", cluster.tls, "--command-config", str(file), code=1)
    assert "ssl.truststore.type is JKS" in out
    assert "there is no such file" in apus(cluster, "topics", "list", "--command-config", "/nowhere", code=1)


def test_headers_and_keys_go_in_and_come_out(cluster):
    topic, to = f"headers-{uuid.uuid4().hex[:8]}", ["--bootstrap-server", cluster.plain]
    apus(cluster, "topics", "create", "--topic", topic, "--partitions", "1", *to)
    lines = "trace:7,from:here\tkey\tvalue\n\tnone\tplain\nonly:NULL\tNULL\tNULL\n"
    properties = ["parse.headers=true", "parse.key=true", "null.marker=NULL"]
    apus(cluster, "produce", "--topic", topic, *to, *[word for one in properties for word in ("--property", one)],
         input=lines)
    consumer = Consumer({"bootstrap.servers": cluster.plain, "group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found = []
    wait_until(lambda: found.extend(consumer.consume(3, 0.5)) or len(found) == 3, 20, "three records")
    consumer.close()
    assert [(one.headers(), one.key(), one.value()) for one in found] == [
        ([("trace", b"7"), ("from", b"here")], b"key", b"value"), (None, b"none", b"plain"),
        ([("only", None)], None, None)]
    out = apus(cluster, "consume", "--topic", topic, "--from-beginning", "--max-messages", "3",
               "--property", "print.headers=true", "--property", "print.key=true", *to)
    assert out == "trace:7,from:here\tkey\tvalue\nNO_HEADERS\tnone\tplain\nonly:null\tnull\tnull\n"
    out = apus(cluster, "produce", "--topic", topic, *to, "--property", "parse.headers=true", input="no headers\n", code=1)
    assert "no headers.delimiter in 'no headers'" in out
