from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.sandbox_runner.runner_process import REPOSITORY, RunnerProcess, require_runsc, running


@pytest.fixture(scope="session")
def testsuite() -> Path:
    """The sandbox's root with CPython's own tests; skips loudly where it cannot be built."""
    require_runsc()
    # Built once, whichever of several processes of tests comes first.
    with FileLock(REPOSITORY / ".sandbox/rootfs-testsuite.lock"):
        built = subprocess.run(
            [REPOSITORY / "tools/build_testsuite.sh"], capture_output=True, text=True, check=False
        )
    if built.returncode != 0:
        message = f"NOT TESTED: CPython's tests are missing: {built.stderr.strip()[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return REPOSITORY / ".sandbox/rootfs-testsuite"


@pytest.fixture(scope="session")
def runner(testsuite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    """A runner whose sandboxes have the tests in their root."""
    data = tmp_path_factory.mktemp("cpython") / "data"
    with running(data, TREADLE_SANDBOX_ROOTFS=str(testsuite)) as process:
        yield process
