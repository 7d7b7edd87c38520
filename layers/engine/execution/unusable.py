"""Ending an execution whose stored version cannot be run any more: nobody could ever go on."""

from __future__ import annotations

from layers import jsontext
from layers.engine.core.state import Ending
from layers.engine.journal import Finishing, Record
from layers.engine.leased import Leased
from layers.engine.metering import Meter
from layers.engine.ports import RunPorts
from layers.errors import TreadleError

CLOSED = {"status": "cancelled", "due_at": None}


async def end_unusable(ports: RunPorts, leased: Leased, error: Exception) -> None:
    """End it, let its parent go on, and cancel what it called; ``error`` says what is wrong."""
    row = leased.row
    why = error.detail if isinstance(error, TreadleError) else "It is not there."
    ports.log.warning("execution %s cannot run: %s", row.id, why)
    journal = ports.journal
    await journal.record(
        _ending(leased, why, ports.clock.now(), journal.meter, is_sqlite=journal.is_sqlite)
    )
    if row.parent_id is not None:
        ports.starter.pick_up((row.parent_id,))
    await ports.starter.cancel((row.id,))


def _ending(leased: Leased, why: str, now: float, meter: Meter, *, is_sqlite: bool) -> Record:
    """The write that ends it: cancelled where somebody wished that, else failed with ``why``."""
    row = leased.row
    was_cancelled = row.cancel_requested_at is not None
    error = {
        "message": f"This version of the workflow cannot be run any more: {why}",
        "kind": "version_unusable",
        "node_id": None,
        "detail": None,
    }
    finishing = Finishing(
        status=(Ending.CANCELLED if was_cancelled else Ending.FAILED).value,
        error=None if was_cancelled else jsontext.dumps(error),
        output=None,
        parent_id=row.parent_id,
    )
    opened = [step for step in leased.steps if step.position is None]
    return Record(
        id=row.id,
        epoch=row.epoch,
        now=now,
        is_sqlite=is_sqlite,
        steps=[{**step.values(), **CLOSED, "finished_at": now} for step in opened],
        finishing=finishing,
        meter=meter,
    )
