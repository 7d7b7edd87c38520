"""Ending an execution whose stored version cannot be run any more: nobody could ever go on."""

from __future__ import annotations

from layers import jsontext
from layers.engine.core.state import Ending
from layers.engine.journal import Finishing, Record
from layers.engine.leased import Leased
from layers.engine.metering import Meter

CLOSED = {"status": "cancelled", "due_at": None}


def ending_of(leased: Leased, why: str, now: float, meter: Meter, *, is_sqlite: bool) -> Record:
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
