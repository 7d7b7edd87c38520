from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from tests.attacks import traces
from tests.attacks.bait import Bait
from tests.sandbox_runner.runner_process import RunnerProcess, running

# What the runner's own memory and descriptors may come to while it holds eight sandboxes.
MOST_MB, MOST_DESCRIPTORS = 160, 120


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    """One runner for all attacks of a module; after them it is whole, and gone without a trace."""
    data = tmp_path_factory.mktemp("attacks") / "data"
    before = traces.of_machine()
    traces.temporary(data).mkdir()
    with running(data, TMPDIR=str(traces.temporary(data))) as process:
        yield process
        code = "def run(items):\n    return [{'fine': True}]"
        assert process.run(code, workspace="the last").items == [{"fine": True}]
        itself = psutil.Process(process.process.pid)
        assert itself.memory_info().rss < MOST_MB << 20
        assert itself.num_fds() < MOST_DESCRIPTORS
        groups = process.groups()
        assert groups
        assert process.stop() == 0
        assert list(traces.left_by(process, groups)) == []
        assert "Traceback" not in process.said()
    assert traces.of_machine() == before


@pytest.fixture(scope="module")
def bait(runner: RunnerProcess) -> Iterator[Bait]:
    found = Bait(runner)
    yield found
    found.close()
