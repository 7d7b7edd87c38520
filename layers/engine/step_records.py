"""Steps as rows of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from layers import jsontext
from layers.contract import Item
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation, StepError
from layers.engine.item_codec import encode_outputs
from layers.engine.rows import ExecutionRow
from layers.engine.statuses import StepStatus

NOTHING: Mapping[str, Sequence[Item]] = {}


def step_row(
    plan: Plan,
    row: ExecutionRow,
    activation: Activation,
    status: StepStatus,
    started_at: float,
    outputs: Mapping[str, Sequence[Item]] = NOTHING,
) -> dict[str, Any]:
    """A journal row of a step; ``outputs`` are counted in it, and written by whoever has them."""
    return {
        "workspace_id": row.workspace_id,
        "execution_id": row.id,
        "node_id": plan.nodes[activation.node].id,
        "run_index": activation.run,
        "status": status.value,
        "attempt": activation.attempt,
        "position": None,
        "sources": encode_sources(plan, activation),
        "output": None,
        "artifact": None,
        "error": None,
        "due_at": None,
        "detail": None,
        "started_at": started_at,
        "finished_at": None,
        "counts": counts_text(activation, outputs),
        "item_errors": None,
        "lineage": None,
        "origin": activation.origin,
    }


def counts_text(activation: Activation, outputs: Mapping[str, Sequence[Item]]) -> str:
    """How many items came into a step and went out of it, by port, as JSON."""
    return jsontext.dumps(
        {"input": _counts(activation.arrivals), "output": _counts(outputs)},
    )


def _counts(ports: Mapping[str, Sequence[Item]]) -> dict[str, int]:
    return {port: len(items) for port, items in ports.items()}


def encode_sources(plan: Plan, activation: Activation) -> str:
    """Which steps' outputs came in, as JSON: ``[[node, run, port, to_port], …]``."""
    if not activation.sources:
        return "[]"
    return jsontext.dumps(
        [
            [plan.nodes[source.node].id, source.run, source.port, source.to_port]
            for source in activation.sources
        ]
    )


def output_text(outputs: Mapping[str, Sequence[Item]]) -> str:
    """A step's outputs as they are journaled; raises InvalidJson."""
    return encode_outputs(outputs)


def error_text(error: StepError) -> str:
    """A step's error as JSON."""
    return jsontext.dumps(asdict(error))


def error_from(text: str) -> StepError:
    """Read what ``error_text`` wrote."""
    return StepError(**jsontext.loads(text))
