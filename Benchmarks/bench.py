#!/usr/bin/env python3
"""Measures a cluster of this project beside a real Kafka's, in one run, and prints one table.

usage: bench.py [--apus PROGRAM] [--kafka FOLDER | --no-kafka] [--quick] [--only NAME[,NAME]] [--output FILE]
"""

import argparse
import datetime
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import confluent_kafka

sys.path.insert(0, str(Path(__file__).parent))
from harness import failover, figures, traffic  # noqa: E402
from harness.cluster import Cluster, touch_memory  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


class Plan:
    """How much of each load; `quick` is for trying the harness out."""

    def __init__(self, quick):
        self.starts = {"apus": 3, "kafka": 1}
        self.warm_up = {"apus": 1 if quick else 4, "kafka": 1 if quick else 4}
        self.volume, self.slices = (0.5, 2) if quick else (2.0, 5)
        # One pass of two or three seconds says little on a machine that others share.
        self.reads = 1 if quick else 3
        self.idle_seconds = 5 if quick else 15
        self.latency_seconds = 5 if quick else 15
        self.kills = {"apus": 4 if quick else 20, "kafka": 0 if quick else 2}
        self.observe = {"apus": 1.5, "kafka": 15}


def say(text):
    print(f"[{datetime.datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def measure(kind, make, plan, wanted):
    """All figures of one kind of cluster, by name."""
    found = {}
    if "start" in wanted:
        times = []
        for _ in range(plan.starts[kind]):
            with make() as cluster:
                cluster.format()
                begin = time.monotonic()
                cluster.start()
                traffic.first_acknowledgement(cluster)
                times.append(time.monotonic() - begin)
        found["start"] = statistics.median(times)
        say(f"{kind}: first acknowledgement after {found['start']:.2f} s")
    if wanted & {"idle-cpu", "idle-memory", "produce-cpu", "fetch-cpu", "loaded-memory", "latency"}:
        with make() as cluster:
            cluster.format()
            cluster.start()
            traffic.create_topic(cluster, "latency", 6)
            measure_running(kind, cluster, plan, wanted, found)
    if "failover" in wanted and plan.kills[kind]:
        with make() as cluster:
            cluster.format()
            cluster.start()
            pauses, violations, acknowledged = failover.run(
                cluster, plan.kills[kind], plan.observe[kind], lambda text: say(f"{kind}: {text}"))
            found["pause-median"] = statistics.median(pauses) * 1000
            found["pause-max"] = max(pauses) * 1000
            found["violations"] = sum(violations[:3])
            found["acknowledged"] = acknowledged
            say(f"{kind}: of {acknowledged} acknowledged: lost, duplicated, reordered, failed {violations}")
    return found


def measure_running(kind, cluster, plan, wanted, found):
    time.sleep(10)
    found["idle-memory"] = cluster.resident_megabytes()
    if "idle-cpu" in wanted:
        before = cluster.cpu_seconds()
        time.sleep(plan.idle_seconds)
        found["idle-cpu"] = (cluster.cpu_seconds() - before) / plan.idle_seconds * 100
        say(f"{kind}: idle {found['idle-memory']:.0f} MB, {found['idle-cpu']:.2f} % of a core")
    if "latency" in wanted:
        taken = traffic.latencies(cluster, "latency", 6, plan.latency_seconds)
        found["latency"] = taken[int(len(taken) * 0.99)]
        say(f"{kind}: produce p50 {taken[len(taken) // 2]:.2f} ms, p99 {found['latency']:.2f} ms")
    if wanted & {"produce-cpu", "fetch-cpu", "loaded-memory"}:
        measure_volume(kind, cluster, plan, found)


def measure_volume(kind, cluster, plan, found):
    traffic.create_topic(cluster, "warm-up", 6)
    begin = time.monotonic()
    traffic.produce_volume(cluster, "warm-up", plan.warm_up[kind], 6)
    say(f"{kind}: warm-up at {plan.warm_up[kind] * 1000 / (time.monotonic() - begin):.0f} MB/s")
    traffic.consume_volume(cluster, "warm-up", 1, 6)
    client = traffic.admin(cluster)
    client.delete_topics(["warm-up"])["warm-up"].result()
    traffic.create_topic(cluster, "volume", 6)
    busy = seconds = 0
    for _ in range(plan.slices):
        touch_memory(cluster.directory, plan.volume / plan.slices * 4)
        before, begin = cluster.cpu_seconds(), time.monotonic()
        traffic.produce_volume(cluster, "volume", plan.volume / plan.slices, 6)
        busy += cluster.cpu_seconds() - before
        seconds += time.monotonic() - begin
    rate = plan.volume * 1000 / seconds
    found["produce-cpu"] = busy / plan.volume
    before, read = cluster.cpu_seconds(), 0
    for _ in range(plan.reads):
        read += traffic.consume_volume(cluster, "volume", plan.volume * 0.95, 6)
    found["fetch-cpu"] = (cluster.cpu_seconds() - before) / (read / 1e9)
    found["loaded-memory"] = cluster.resident_megabytes()
    say(f"{kind}: produce {found['produce-cpu']:.2f} CPU s/GB at {rate:.0f} MB/s, "
        f"fetch {found['fetch-cpu']:.2f} CPU s/GB, {found['loaded-memory']:.0f} MB")


def version(program, *arguments):
    try:
        done = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60, check=False)
        return (done.stdout.strip() or "?").splitlines()[0]
    except OSError:
        return "?"


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--apus", default=ROOT / ".build/release/apus", help="the program to measure")
    parser.add_argument("--kafka", default=ROOT.parent / "shared/kafka", help="a folder with bin/kafka")
    parser.add_argument("--no-kafka", action="store_true")
    parser.add_argument("--quick", action="store_true", help="small loads, to try the harness out")
    parser.add_argument("--only", default="start,idle-cpu,idle-memory,produce-cpu,fetch-cpu,loaded-memory,latency,failover")
    parser.add_argument("--output", help="write the table here too")
    options = parser.parse_args()
    plan, wanted = Plan(options.quick), set(options.only.split(","))
    folder = Path(tempfile.mkdtemp(prefix="apus-bench-"))
    try:
        apus = Path(options.apus).resolve()
        if not apus.exists():
            sys.exit(f"there is no {apus}: make release first")
        ours = measure("apus", lambda: Cluster("apus", [apus], folder / "apus"), plan, wanted)
        kafka, program = {}, Path(options.kafka) / "bin/kafka"
        if not options.no_kafka and program.exists():
            heap = {"KAFKA_HEAP_OPTS": os.environ.get("KAFKA_HEAP_OPTS", "-Xmx512m"), "KAFKA_LOG_LEVEL": "WARN"}
            kafka = measure("kafka", lambda: Cluster("kafka", [program.resolve()], folder / "kafka", heap), plan, wanted)
        load = os.getloadavg()
        header = [
            f"{datetime.datetime.now():%Y-%m-%d}, {os.cpu_count()} x {processor()}, Linux {platform.release()}, "
            f"load {load[0]:.1f}", f"{version(apus, '--version')}; clients: librdkafka {confluent_kafka.libversion()[0]}"]
        if not kafka:
            header.append("The real Kafka is not here: the bars beside it are not judged.")
        text = "\n".join(header) + "\n\n" + figures.table(ours, kafka)
        print(text)
        if options.output:
            Path(options.output).write_text("# The last measured table\n\n" + text + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
