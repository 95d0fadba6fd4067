import os
import pathlib
import shutil
import tempfile

import pytest

from cluster import ROOT, Cluster, free_port


@pytest.fixture(scope="session")
def apus():
    """The program under test: $APUS, or the one that was built last for development."""
    return str(pathlib.Path(os.environ.get("APUS", ROOT / ".build" / "debug" / "apus")).resolve())


@pytest.fixture(scope="session")
def cluster(apus, request):
    """One cluster for all tests; its folder is kept when a test fails, and named in the output."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-compatibility-"))
    print(f"cluster in {folder}")
    cluster = Cluster(apus, folder, free_port())
    cluster.start()
    yield cluster
    codes = cluster.stop()
    assert set(codes.values()) == {0}, f"exit codes after SIGTERM: {codes}; see {folder}"
    if request.session.testsfailed == 0:
        shutil.rmtree(folder)
