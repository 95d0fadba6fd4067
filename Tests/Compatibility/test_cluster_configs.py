"""Every ready configuration under cluster-configs/ starts, elects, and takes a record."""

import os
import pathlib
import re
import subprocess

import pytest
from confluent_kafka import Producer

from cluster import ROOT, wait_until

CONFIGS = sorted(path for path in (ROOT / "cluster-configs").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", CONFIGS, ids=lambda path: path.name)
def test_it_starts(folder, tmp_path):
    program = pathlib.Path(os.environ.get("APUS", ROOT / ".build" / "debug" / "apus")).resolve()
    files = sorted(folder.glob("*.properties"))
    identifier = subprocess.run([program, "storage", "random-uuid"], check=True, capture_output=True,
                                text=True).stdout.strip()
    nodes = []
    try:
        for file in files:
            # Log directories are relative, so a fresh folder keeps the test apart from everything else.
            subprocess.run([program, "storage", "format", "-t", identifier, "-c", file], check=True, cwd=tmp_path,
                           capture_output=True)
            log = open(tmp_path / f"{file.stem}.log", "wb")
            nodes.append(subprocess.Popen([program, "server", file], cwd=tmp_path, stdout=log, stderr=log))
        client = r"(?:PLAINTEXT|ZONE_1)://([^,\n]+)"
        listeners = re.findall(rf"^advertised\.listeners={client}|^listeners={client}",
                               "\n".join(file.read_text() for file in files), re.MULTILINE)
        servers = ",".join(sorted({first or second for first, second in listeners}))
        results = []
        producer = Producer({"bootstrap.servers": servers, "acks": "all", "allow.auto.create.topics": True})
        producer.produce("first", b"record", on_delivery=lambda error, _: results.append(error))
        wait_until(lambda: (producer.poll(0.1), results)[1], 30, f"a record is acknowledged; see {tmp_path}")
        assert results == [None]
    finally:
        for node in nodes:
            node.terminate()
        codes = [node.wait(40) for node in nodes]
    assert set(codes) == {0}, f"exit codes {codes}; see {tmp_path}"
