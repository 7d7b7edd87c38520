"""Runs that meet in one sandbox or one warm interpreter."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from tests.sandbox_runner.runner_process import RunnerProcess
from tests.waiting import until

T = TypeVar("T")


def meeting(
    runner: RunnerProcess,
    run: Callable[[str], T],
    times: int,
    met: Callable[[list[T]], object],
) -> list[T]:
    """Do so many runs in a workspace; return what they found once all of them have met.

    What takes long to tidy up on a loaded machine is given up, and the next run has a new one:
    then they begin again, in a new workspace.
    """
    found: list[T] = []
    tries = 0

    def together() -> bool:
        nonlocal tries
        found.clear()
        workspace = f"meeting-{uuid.uuid4().hex}"
        for _ in range(times):
            if tries:  # At first without a wait between them, as it usually is.
                runner.rest()
            found.append(run(workspace))
        tries += 1
        return bool(met(found))

    until(together, lambda: f"runs that meet; found {found}")
    return found
