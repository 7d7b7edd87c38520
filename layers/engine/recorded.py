"""Executions and steps as they are read on record: by people, and to begin again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

from sqlalchemy import RowMapping

from layers.database.models import Execution
from layers.engine.statuses import ExecutionStatus, StepStatus


@dataclass(frozen=True, slots=True)
class ExecutionState:
    """Where an execution stands. ``scope``, ``error`` and ``output`` are JSON text."""

    id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    trigger_node_id: str | None
    status: ExecutionStatus
    manual: bool
    due_at: float | None
    held_for: str | None
    parent_id: str | None
    retry_of: str | None
    scope: str | None
    error: str | None
    output: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @classmethod
    def of(cls, row: Execution) -> ExecutionState:
        """The same from an entity of ``executions``."""
        return cls.from_mapping({name: getattr(row, name) for name in _COLUMNS})

    @classmethod
    def from_mapping(cls, row: RowMapping | dict[str, Any]) -> Self:
        """Read a row that has these columns, maybe among others."""
        found = {one.name: row[one.name] for one in fields(cls)}
        found["status"] = ExecutionStatus(row["status"])
        found["manual"] = bool(row["manual"])
        return cls(**found)


_COLUMNS = tuple(one.name for one in fields(ExecutionState))


@dataclass(frozen=True, slots=True)
class RecordedExecution(ExecutionState):
    """An execution with its event, as ``EventRow`` has it, and with what it is one of.

    Of versions a positive number is one that somebody saved, a negative one a draft.
    """

    payload: str | None
    artifact: str | None
    workflow_name: str
    version_number: int | None


@dataclass(frozen=True, slots=True)
class StepState:
    """Where a step stands, without its data; what is ``str`` holds JSON but for names."""

    node_id: str
    run_index: int
    status: StepStatus
    attempt: int
    position: int | None
    started_at: float
    finished_at: float | None
    error: str | None
    counts: str | None
    item_errors: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``steps``."""
        return cls(
            node_id=row["node_id"],
            run_index=row["run_index"],
            status=StepStatus(row["status"]),
            attempt=row["attempt"],
            position=row["position"],
            started_at=row["started_at"],
            finished_at=row["finished_at"],
            error=row["error"],
            counts=row["counts"],
            item_errors=row["item_errors"],
        )
