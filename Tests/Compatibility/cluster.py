"""A three-node cluster of this project's brokers on loopback, plain and TLS, for tests with foreign clients."""

import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def kafka_home():
    """Where the real Kafka is: $KAFKA_HOME, or `shared/kafka` beside the repository; it need not exist."""
    if "KAFKA_HOME" in os.environ:
        return pathlib.Path(os.environ["KAFKA_HOME"])
    places = [parent / "shared" / "kafka" for parent in ROOT.parents]
    return next((place for place in places if place.exists()), places[0])


KAFKA = kafka_home() / "bin" / "kafka"


def wait_until(condition, seconds, what):
    """Asks `condition` until it holds; fails the test with `what` when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"timed out after {seconds} s: {what}"
        time.sleep(0.02)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """The first of 300 ports nobody listens on, below those that the system gives to outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000, 300)
        # Those that nodes of a cluster take: clients, TLS, controllers, brokers, metrics.
        if not any(is_listening(port + offset + node) for offset in (0, 50, 100, 200, 250) for node in range(3)):
            return port


class Cluster:
    """Nodes 0 to 2: clients on port + i, TLS on port + 50 + i, controllers on port + 100 + i, brokers on port + 200 + i."""

    def __init__(self, program, folder, port, extra=(), directories=("data",)):
        """`extra` are lines for every node's configuration, or a function from a node's id to lines for that one."""
        self.program, self.folder, self.port = str(program), pathlib.Path(folder), port
        self.extra = extra if callable(extra) else lambda node: list(extra)
        self.directories = directories
        self.processes = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._make_certificates()
        identifier = subprocess.run(
            [self.program, "storage", "random-uuid"], check=True, capture_output=True, text=True
        ).stdout.strip()
        for node in range(3):
            self._write_properties(node)
            subprocess.run(
                [self.program, "storage", "format", "-t", identifier, "-c", self._properties(node)],
                check=True, capture_output=True)

    @property
    def plain(self):
        return ",".join(f"127.0.0.1:{self.port + node}" for node in range(3))

    @property
    def tls(self):
        return ",".join(f"127.0.0.1:{self.port + 50 + node}" for node in range(3))

    @property
    def authority(self):
        return str(self.folder / "ca.pem")

    def _properties(self, node):
        return str(self.folder / str(node) / "server.properties")

    def _write_properties(self, node):
        folder = self.folder / str(node)
        folder.mkdir()
        voters = ",".join(f"{i}@127.0.0.1:{self.port + 100 + i}" for i in range(3))
        listeners = (
            f"PLAINTEXT://127.0.0.1:{self.port + node},SSL://127.0.0.1:{self.port + 50 + node},"
            f"INTERNAL://127.0.0.1:{self.port + 200 + node}")
        lines = [
            "process.roles=broker,controller", f"node.id={node}", f"broker.rack=zone-{node}",
            f"controller.quorum.voters={voters}",
            f"listeners={listeners},CONTROLLER://127.0.0.1:{self.port + 100 + node}",
            f"advertised.listeners={listeners}", "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=INTERNAL",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs=" + ",".join(f"{folder}/{name}" for name in self.directories), "default.replication.factor=3",
            "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector", "min.insync.replicas=2", "num.partitions=3",
            "log.retention.check.interval.ms=1000", "apus.log.stray.delete.delay.ms=4000", "log.segment.delete.delay.ms=1000",
            "ssl.keystore.type=PEM", f"ssl.keystore.location={self.folder}/node.pem",
        ]
        (folder / "server.properties").write_text("\n".join(lines + self.extra(node)) + "\n")

    def _make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                "-subj", "/CN=test authority")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "node.key", "-out", "node.csr",
                "-subj", "/CN=localhost")
        (self.folder / "names.txt").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", "node.crt", "-days", "2", "-extfile", "names.txt")
        (self.folder / "node.pem").write_text(
            (self.folder / "node.key").read_text() + (self.folder / "node.crt").read_text())

    def metadata(self, node=0):
        """The records of the metadata log as a node has them, oldest first: their type and their fields."""
        log = self.folder / str(node) / self.directories[0] / "__cluster_metadata-0" / "00000000000000000000.log"
        # The last batch of a log in use may be half written, so the exit code says nothing.
        lines = subprocess.run([self.program, "dump-log", "--json", "--records", "--metadata", str(log)],
                               capture_output=True, text=True).stdout.splitlines()
        entries = map(json.loads, lines)
        return [(entry["record"], entry["content"]) for entry in entries if entry["type"] == "metadataRecord"]

    def start(self, *nodes):
        for node in nodes or range(3):
            log = open(self.folder / str(node) / "server.log", "ab")
            self.processes[node] = subprocess.Popen(
                [self.program, "server", self._properties(node)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for node in nodes or range(3):
            wait_until(lambda: is_listening(self.port + node), 20, f"node {node} listens; see {self.folder}/{node}")
        wait_until(lambda: self.known_brokers() >= set(self.processes), 20, f"all brokers serve; see {self.folder}")

    def known_brokers(self):
        """The ids of the brokers that clients are told of."""
        listing = subprocess.run(["kcat", "-b", self.plain, "-L", "-J", "-m", "5"], capture_output=True, text=True)
        return {broker["id"] for broker in json.loads(listing.stdout)["brokers"]} if listing.stdout else set()

    def kill(self, node):
        self.processes[node].send_signal(signal.SIGKILL)
        self.processes.pop(node).wait()

    def leave(self, node):
        """Asks a node to end in order, and returns its exit code."""
        process = self.processes.pop(node)
        process.send_signal(signal.SIGTERM)
        return process.wait(40)

    def stop(self):
        """Asks every node to leave, and returns their exit codes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {}
        for node, process in self.processes.items():
            try:
                codes[node] = process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[node] = process.wait()
        self.processes = {}
        return codes


def kafka_tool(name, *arguments, **options):
    """Runs one of Kafka's own tools and returns what it prints."""
    environment = dict(os.environ, KAFKA_JIT="1")
    result = subprocess.run(
        [str(KAFKA), name, *arguments], capture_output=True, text=True, timeout=120, env=environment, **options)
    assert result.returncode == 0, f"{name} {arguments}: {result.stdout}{result.stderr}"
    return result.stdout
