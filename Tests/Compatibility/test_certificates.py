"""Certificates: who shows one is named by rules, and a node reads new ones when it is told to (SIGHUP)."""

import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import Cluster, free_port, wait_until


@pytest.fixture(scope="module")
def cluster(apus, request):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-certificates-"))
    cluster = Cluster(apus, folder, free_port(), extra=[
        "ssl.client.auth=requested", "ssl.truststore.type=PEM", f"ssl.truststore.location={folder}/ca.pem",
        "ssl.principal.mapping.rules=RULE:^CN=(.*?),OU=Users.*$/$1/L"])
    for name, unit in (("Alice", "Users"), ("Mallory", "Strangers")):
        certificate(folder, name, f"/O=Test/OU={unit}/CN={name}")
    cluster.start()
    yield cluster
    cluster.stop()
    if request.session.testsfailed == 0:
        shutil.rmtree(folder)


def certificate(folder, name, subject):
    """A key and a certificate of the test authority: NAME.pem holds both."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{name}.crt", "-days", "2", "-extfile", "names.txt")
    text = (folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text()
    (folder / f"{name}.pem").write_text(text)
    return text


def settings(cluster, name=None):
    told = {"bootstrap.servers": cluster.tls, "security.protocol": "SSL", "ssl.ca.location": cluster.authority}
    if name:
        told |= {"ssl.certificate.location": str(cluster.folder / f"{name}.crt"),
                 "ssl.key.location": str(cluster.folder / f"{name}.key")}
    return told


def shown_certificate(cluster, node=0):
    """The certificate that a node shows to who connects now."""
    context = ssl.create_default_context(cafile=cluster.authority)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", cluster.port + 50 + node), 5) as plain:
        with context.wrap_socket(plain) as secured:
            return secured.getpeercert()["subject"][0][0][1]


def log(cluster, node=0):
    return (cluster.folder / str(node) / "server.log").read_text()


def test_a_peer_that_no_rule_names_is_refused(cluster):
    assert len(AdminClient(settings(cluster, "Alice")).list_topics(timeout=10).brokers) == 3
    assert len(AdminClient(settings(cluster)).list_topics(timeout=10).brokers) == 3
    with pytest.raises(Exception):
        AdminClient(settings(cluster, "Mallory")).list_topics(timeout=3)


def test_new_certificates_are_read_on_a_hang_up_and_bad_ones_are_not_taken(cluster):
    admin = AdminClient(settings(cluster))
    admin.create_topics([NewTopic("renewed", 3, 3)])["renewed"].result(20)
    failures = []
    producer = Producer(settings(cluster) | {"acks": "all"})

    def produce():
        for partition in range(3):
            producer.produce("renewed", b"record", partition=partition,
                             on_delivery=lambda error, _: error and failures.append(str(error)))
        assert producer.flush(20) == 0

    produce()
    assert shown_certificate(cluster) == "localhost"
    certificate(cluster.folder, "renewed", "/CN=renewed")
    shutil.copy(cluster.folder / "renewed.pem", cluster.folder / "node.pem")
    for process in cluster.processes.values():
        process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown_certificate(cluster) == "renewed", 10, "the new certificate is shown")
    produce()

    (cluster.folder / "node.pem").write_text("nothing of use\n")
    cluster.processes[0].send_signal(signal.SIGHUP)
    wait_until(lambda: "the old ones stay" in log(cluster), 10, "the log says that the new ones cannot be used")
    assert shown_certificate(cluster) == "renewed"
    produce()
    shutil.copy(cluster.folder / "renewed.pem", cluster.folder / "node.pem")
    assert not failures and cluster.processes[0].poll() is None


def test_a_rule_that_cannot_be_read_stops_the_start(cluster, apus):
    properties = cluster.folder / "0" / "server.properties"
    out = subprocess.run([apus, "server", str(properties), "--override", "ssl.principal.mapping.rules=RULE:^CN=(/$1/"],
                         capture_output=True, text=True, timeout=10)
    assert out.returncode == 1
    assert "ssl.principal.mapping.rules" in out.stderr and "RULE:^CN=(/$1/" in out.stderr
