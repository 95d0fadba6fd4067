"""A cluster of three combined nodes on the loopback interface, of any broker with Kafka's command line."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

NODES = 3
TICKS = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Cluster:
    """Formats, starts, kills and stops three nodes, and reads what the kernel knows of their processes."""

    def __init__(self, name, program, directory, environment=None):
        self.name = name
        self.program = [str(part) for part in program]
        self.directory = Path(directory)
        self.environment = {**os.environ, **(environment or {})}
        self.processes = {}
        ports = free_ports(3 * NODES)
        self.ports, self.internal, self.controller = ports[0:3], ports[3:6], ports[6:9]

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def format(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        raw = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        cluster_id = "A" + raw[1:]
        voters = ",".join(f"{node}@127.0.0.1:{self.controller[node]}" for node in range(NODES))
        for node in range(NODES):
            folder = self.directory / str(node)
            folder.mkdir(parents=True)
            (folder / "server.properties").write_text(f"""\
process.roles=broker,controller
node.id={node}
broker.rack=zone-{node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{self.ports[node]},INTERNAL://127.0.0.1:{self.internal[node]},CONTROLLER://127.0.0.1:{self.controller[node]}
controller.listener.names=CONTROLLER
advertised.listeners=PLAINTEXT://127.0.0.1:{self.ports[node]},INTERNAL://127.0.0.1:{self.internal[node]}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
log.dirs={folder}/data
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
""")
            done = subprocess.run(
                self.program + ["storage", "format", "-t", cluster_id, "-c", str(folder / "server.properties")],
                env=self.environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{self.name}: formatting failed: {done.stdout}{done.stderr}")

    def launch(self, node):
        folder = self.directory / str(node)
        with open(folder / "server.log", "ab") as log:
            self.processes[node] = subprocess.Popen(
                self.program + ["server", str(folder / "server.properties")], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start(self):
        for node in range(NODES):
            self.launch(node)

    def kill(self, node):
        """Ends the node's process as a power switch would end it."""
        self.processes[node].send_signal(signal.SIGKILL)
        self.processes[node].wait()

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 20
        for process in self.processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # What the kernel knows

    def cpu_seconds(self):
        """User and system time of all nodes that run."""
        total = 0
        for process in self.processes.values():
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def resident_megabytes(self):
        """Resident memory of the largest node, files mapped included, in MB of 1,000,000 bytes."""
        sizes = []
        for process in self.processes.values():
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    sizes.append(int(line.split()[1]) * 1024 / 1e6)
        return max(sizes)


def touch_memory(directory, gigabytes):
    """Lets the kernel have memory that was touched a moment ago.

    On a virtual machine the first write to a page that the host has taken back costs ten times a warm one, and would
    be most of what a log's write costs. What is freed here is what the page cache uses next.
    """
    path, block = Path(directory) / "touched", bytes(1 << 20)
    with open(path, "wb", buffering=0) as file:
        for _ in range(int(gigabytes * 1e9) >> 20):
            file.write(block)
    path.unlink()
