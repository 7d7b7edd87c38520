"""Where executions, steps and waits can stand; every set of statuses that the engine asks for."""

from __future__ import annotations

from enum import StrEnum

from layers.database.models.callbacks import CallbackSource
from layers.database.models.executions import FINAL, ExecutionStatus
from layers.database.models.steps import StepStatus

RESTING = FINAL | {ExecutionStatus.INTERRUPTED}
"""It does not go on by itself: it is over, or a person has to decide."""
OPEN = frozenset(ExecutionStatus) - FINAL
"""It can still change."""
FINAL_STEPS = frozenset({StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.CANCELLED})
"""What the journal keeps of a step for ever."""


class WaitKind(StrEnum):
    """What a step waits for, as the journal keeps it."""

    TIMER = "timer"
    CALLBACK = "callback"
    WORKFLOW = "workflow"
    RETRY = "retry"
    DECISION = "decision"


class Decision(StrEnum):
    """What a person wants done about a step that a crash interrupted."""

    RETRY = "retry"
    SKIP = "skip"
    FAIL = "fail"


__all__ = [
    "FINAL",
    "FINAL_STEPS",
    "OPEN",
    "RESTING",
    "CallbackSource",
    "Decision",
    "ExecutionStatus",
    "StepStatus",
    "WaitKind",
]
