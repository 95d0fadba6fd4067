"""A short scenario of faults against real processes, and that nothing is left of a run that is ended."""

import json
import pathlib
import signal
import subprocess

import pytest

from cluster import wait_until

SCENARIO = """\
summary: A leader is killed, and then a node is cut off for a moment.
topics:
  - name: orders
    partitions: 3
workload:
  rate: 300
  duration: 6 s
faults:
  - at: 500 ms
    kill: leader-of-most
    for: 500 ms
  - at: 3 s
    cut: next
    for: 300 ms
expect:
  lost: 0
  duplicated: 0
  reordered: 0
  other-anomalies: 0
  client-errors: 0
  acknowledged: ">= 500"
"""


@pytest.fixture
def program(apus):
    library = pathlib.Path(apus).parent / "libapus-source-address.so"
    if not library.exists():
        pytest.skip(f"there is no {library}: swift build --product apus-source-address")
    return apus


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "kill-and-cut.yaml"
    file.write_text(SCENARIO)
    return file


def test_what_was_acknowledged_survives(program, scenario, tmp_path):
    done = subprocess.run([program, "chaos", "run", scenario, "--json", "--report", tmp_path / "report"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert [fault["kind"] for fault in result["faults"]] == ["kill", "cut"]
    assert result["anomalies"] == []
    assert result["workload"]["found"] == result["workload"]["acknowledged"]
    assert result == json.loads((tmp_path / "report" / "kill-and-cut-ours.json").read_text())
    assert "<html" in (tmp_path / "report" / "kill-and-cut.html").read_text()


def children(pid):
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_run_that_is_ended_leaves_no_process(program, scenario, tmp_path, how):
    run = subprocess.Popen([program, "chaos", "run", scenario, "--dir", tmp_path / "nodes"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = [tmp_path / "nodes" / str(node) / "server.log" for node in range(3)]
    wait_until(lambda: all(log.exists() for log in started), 30, "the nodes are started")
    nodes = children(run.pid)
    assert len(nodes) == 3
    run.send_signal(how)
    code = run.wait(30)
    assert code == (-how if how == signal.SIGKILL else 130)
    wait_until(lambda: not any(is_running(node) for node in nodes), 10, "the nodes are gone")
