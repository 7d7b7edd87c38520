"""Which jobs there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from billing.jobs import BillingJobs
from triggers.housekeeping import forgotten, pruner, unused_artifacts
from triggers.housekeeping import totals as totals_of
from triggers.housekeeping.forgotten import ForgottenExecutions
from triggers.housekeeping.job import Job
from triggers.housekeeping.pruner import Pruner
from triggers.housekeeping.totals import ExecutionTotals
from triggers.housekeeping.unused_artifacts import UnusedArtifacts


def all_jobs(
    pruning: Pruner,
    unused: UnusedArtifacts,
    totals: ExecutionTotals,
    waiting: ForgottenExecutions,
    billing: BillingJobs,
) -> list[Job]:
    """Everything that is done on the side."""
    return [
        Job("prune", pruner.EVERY_S, _alone(pruning.prune_now), stop=pruning.stop),
        Job(
            "delete_unused_artifacts",
            unused_artifacts.EVERY_S,
            _alone(unused.delete_now),
            first_after_s=unused_artifacts.FIRST_AFTER_S,
            stop=unused.stop,
        ),
        Job("count_executions", totals_of.EVERY_S, _alone(totals.count_now)),
        Job("wake_forgotten", forgotten.EVERY_S, waiting.wake_now, wanted=forgotten.WANTED),
        *(Job(one.name, one.pause_s, one.run, wanted=one.wanted) for one in billing.jobs()),
    ]


def _alone(work: Callable[[], Awaitable[object]]) -> Callable[[], object]:
    """The same for a thread, on a loop of its own: whatever it waits for, nobody else does."""

    async def run() -> object:
        return await work()

    return lambda: asyncio.run(run())
