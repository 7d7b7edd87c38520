"""What became of single items, in the journal before their step has its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from sqlalchemy import Connection, text

from layers import jsontext
from layers.contract import Outputs
from layers.engine.core.state import ItemFailure, ItemProgress, StepError
from layers.engine.item_codec import pack_outputs, unpack_outputs
from layers.engine.payload_store import PayloadStore
from layers.engine.rows import PartRow

ItemOutcome: TypeAlias = Outputs | ItemFailure
"""What an item gave by port, or why it failed."""

SHOWN_ERRORS = 100
"""So many items' errors stand in the step's own row; the others are in its parts."""

PUT_PART = text(
    "INSERT INTO step_parts (workspace_id, execution_id, node_id, run_index, part, output,"
    " artifact, errors, created_at) VALUES (:workspace_id, :execution_id, :node_id, :run_index,"
    " :part, :output, :artifact, :errors, :created_at)"
    " ON CONFLICT (execution_id, node_id, run_index, part) DO NOTHING"
)
DROP_PARTS = text(
    "DELETE FROM step_parts WHERE execution_id = :execution_id AND node_id = :node_id"
    " AND run_index = :run_index"
)
COPY_PARTS = text(
    "INSERT INTO step_parts (workspace_id, execution_id, node_id, run_index, part, output,"
    " artifact, errors, created_at) SELECT workspace_id, :new_id, node_id, run_index, part, output,"
    " artifact, NULL, created_at FROM step_parts WHERE execution_id = :id AND node_id = :node_id"
    " AND run_index = :run_index AND (output IS NOT NULL OR artifact IS NOT NULL)"
)


def part_row(
    place: Mapping[str, Any],
    progress: ItemProgress,
    outcomes: Mapping[int, ItemOutcome],
    now: float,
) -> dict[str, Any]:
    """A row of what items came to, by their position; ``place`` names the step."""
    done: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for index, outcome in outcomes.items():
        if isinstance(outcome, ItemFailure):
            errors[str(index)] = {**asdict(outcome.error), "attempt": outcome.attempt}
        else:
            done[str(index)] = pack_outputs(outcome)
    row = {
        **place,
        "part": progress.parts,
        "output": jsontext.dumps(done) if done else None,
        "artifact": None,
        "errors": jsontext.dumps(errors) if errors else None,
        "created_at": now,
    }
    progress.parts += 1
    return row


async def read_progress(payloads: PayloadStore, rows: Sequence[PartRow]) -> ItemProgress | None:
    """What the parts of one step say of its items; None where there are none."""
    if not rows:
        return None
    progress = ItemProgress(parts=rows[-1].part + 1)
    for row in rows:
        for index, error in (jsontext.loads(row.errors) if row.errors else {}).items():
            attempt = error.pop("attempt")
            progress.failed[int(index)] = ItemFailure(StepError(**error), attempt)
        if row.output is not None or row.artifact is not None:
            kept = await payloads.read(row.workspace_id, row.output, row.artifact)
            for index, packed in jsontext.loads(kept).items():
                progress.done[int(index)] = unpack_outputs(packed)
    for index in progress.done:
        progress.failed.pop(index, None)
    return progress


def errors_text(progress: ItemProgress) -> str:
    """Which items failed and why, as the step's row keeps it."""
    shown = sorted(progress.failed)[:SHOWN_ERRORS]
    return jsontext.dumps(
        {
            "failed": len(progress.failed),
            "errors": [
                {
                    "index": index,
                    "attempt": progress.failed[index].attempt,
                    "message": progress.failed[index].error.message,
                    "kind": progress.failed[index].error.kind,
                }
                for index in shown
            ],
        }
    )


def copy_parts(connection: Connection, values: Mapping[str, Any]) -> None:
    """Give a step of another execution what the items came to that did not fail."""
    connection.execute(COPY_PARTS, values)
