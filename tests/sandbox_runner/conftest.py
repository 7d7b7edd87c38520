from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox_runner.runner_process import RunnerProcess, running


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    """One runner for all tests that leave it as they found it."""
    with running(tmp_path_factory.mktemp("runner") / "data") as process:
        yield process
