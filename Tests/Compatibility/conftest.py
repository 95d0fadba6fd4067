import os
import pathlib
import tempfile

import pytest

from cluster import ROOT, Cluster


@pytest.fixture(scope="session")
def cluster():
    """One cluster for all tests; its folder is kept when a test fails, and named in the output."""
    program = os.environ.get("APUS", ROOT / ".build" / "release" / "apus")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-compatibility-"))
    print(f"cluster in {folder}")
    cluster = Cluster(program, folder, 24000)
    cluster.start()
    yield cluster
    codes = cluster.stop()
    assert set(codes.values()) == {0}, f"exit codes after SIGTERM: {codes}; see {folder}"
