"""One pass over what the scheduler does all the time, for whoever calls it now and then.

A platform's cron service, or a person. Each is safe beside a scheduler, and beside itself: what
somebody else has claimed is left to them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from layers.database.schema_version import is_current
from layers.errors import SetupError
from layers.ids import new_id
from layers.settings import Settings
from layers.work import DATABASE
from triggers.assembly import Parts, open_parts

POLL_WITHIN_S = 50.0
"""Then the next minute's pass goes on."""


@dataclass(frozen=True)
class Done:
    """What a pass did, in a sentence, and what it could not do, in a sentence each."""

    text: str
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pass:
    """A pass and what it is for."""

    summary: str
    run: Callable[[Parts], Awaitable[Done]]


async def _poll(parts: Parts) -> Done:
    # What activations have left to be acquired or released comes first: polls may wait for it.
    await parts.acquirer.do_due()
    begun = parts.clock.now()
    polled = await parts.poller.poll_due(by=begun, until=begun + POLL_WITHIN_S)
    return Done(f"Triggers polled: {polled}.")


async def _sweep(parts: Parts) -> Done:
    await parts.totals.count_now()
    return Done(f"Executions rung for: {await parts.sweeper.sweep()}.")


async def _usage(parts: Parts) -> Done:
    failures = await parts.billing.count()
    return Done("Usage was counted.", tuple(failures))


async def _reconcile(parts: Parts) -> Done:
    failures = await parts.billing.reconcile_now()
    return Done("Accounts were compared with Stripe.", tuple(failures))


async def _prune(parts: Parts) -> Done:
    executions = await parts.pruner.prune_now()
    artifacts = await parts.unused.delete_now()
    return Done(f"Executions deleted: {executions}. Artifacts deleted: {artifacts}.")


PASSES = {
    "poll": Pass("Poll every trigger that is due, once.", _poll),
    "sweep": Pass("Notify workers of executions that are due and that nobody runs.", _sweep),
    "usage": Pass("Add up what was used, tell who nears a limit, send it on to Stripe.", _usage),
    "reconcile": Pass("Compare accounts with Stripe, and mend what differs.", _reconcile),
    "prune": Pass("Delete what is past its retention, and artifacts that nothing names.", _prune),
}


async def run_pass(name: str, settings: Settings) -> Done:
    """Run one of PASSES by its name.

    Raises SetupError where a setting is missing or the database is not of this version.
    """
    owner = f"{name}#{new_id()}"
    async with open_parts(settings, owner) as parts:
        if not is_current(parts.database):
            raise SetupError(
                "The database's schema is not the one of this version: treadle migrate."
            )
        # A look sets the clock by the database's.
        await DATABASE.run(parts.due_query)
        try:
            return await PASSES[name].run(parts)
        finally:
            # What broke off half-way is not to wait for its lease to end.
            await DATABASE.run(parts.take_over, owner)
