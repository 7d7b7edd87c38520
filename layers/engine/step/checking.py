"""What a node gave, or raised, as the engine takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers import jsontext
from layers.contract import Item, NodeError, Outputs, PerItem
from layers.contract.runner import Outcome
from layers.contract.suspension import CallWorkflow, WaitForCallback, WaitUntil
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import StepError
from layers.errors import TreadleError, Unavailable
from layers.log import logger


def checked(node: PlanNode, outcome: Outcome, items: Sequence[Item] = ()) -> Outcome:
    """Make sure that what a node gave for ``items`` is what it declared."""
    if isinstance(outcome, (WaitUntil, WaitForCallback, CallWorkflow)):
        return outcome
    outcome = outcome.outputs(items) if isinstance(outcome, PerItem) else outcome
    allowed = node.outputs or ("main",)
    made: Outputs = {}
    for port, items in outcome.items():
        if port not in allowed:
            raise NodeError(f"{node.id} gave items on a port {port!r} that it does not have.")
        if items:
            made[port] = [  # type: ignore[index]
                item if type(item) is Item else Item(item) for item in items
            ]
    return made


def step_error(node: PlanNode, error: BaseException) -> StepError:
    """Say why a step failed, for its author."""
    if isinstance(error, NodeError):
        detail = dict(error.detail)
        if error.item_index is not None:
            detail["item_index"] = error.item_index
        kind = writable(error.kind)
        return StepError(
            writable(error.message), kind, error.retry, error.retry_in, _writable_detail(detail)
        )
    seconds = node.definition.timeout_s
    if isinstance(error, TimeoutError) and seconds is not None:
        return StepError(f"{node.id} took longer than its timeout of {seconds:g} s.", "timeout")
    if isinstance(error, Unavailable):
        return StepError(error.detail, "infrastructure", retry=True)
    if isinstance(error, TreadleError):
        return StepError(error.detail, "node_error")
    logger("engine").error("node type %s failed", node.definition.type, exc_info=error)
    told = writable(f"{node.id} failed: {type(error).__name__}: {error}")
    return StepError(told, "internal")


def writable(text: str) -> str:
    """The text with halves of surrogate pairs, which no JSON can hold, made visible."""
    return text.encode("utf-8", "backslashreplace").decode()


def _writable_detail(detail: dict[str, Any]) -> dict[str, Any]:
    try:
        jsontext.dumps(detail)
    except jsontext.InvalidJson:
        return {name: writable(repr(value)) for name, value in detail.items()}
    return detail
