"""Rows of the database as the engine hands them on: the only place that knows their columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

from sqlalchemy import RowMapping

from layers.engine.statuses import CallbackSource, ExecutionStatus, StepStatus


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """An execution under a lease: what it is, and under which epoch it may be written."""

    id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    event_id: str
    trigger_node_id: str | None
    manual: bool
    epoch: int
    crashes: int
    cancel_requested_at: float | None
    parent_id: str | None
    parent_step: str | None
    depth: int
    retry_of: str | None
    active_s: float
    created_at: float
    started_at: float | None
    response: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``executions``."""
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            workflow_id=row["workflow_id"],
            version_id=row["version_id"],
            event_id=row["event_id"],
            trigger_node_id=row["trigger_node_id"],
            manual=bool(row["manual"]),
            epoch=row["epoch"],
            crashes=row["crashes"],
            cancel_requested_at=row["cancel_requested_at"],
            parent_id=row["parent_id"],
            parent_step=row["parent_step"],
            depth=row["depth"],
            retry_of=row["retry_of"],
            active_s=row["active_s"],
            created_at=row["created_at"],
            started_at=row["started_at"],
            response=row["response"],
        )


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An execution as it is while it is locked, to be judged."""

    id: str
    workspace_id: str
    epoch: int
    status: ExecutionStatus
    cancel_requested_at: float | None
    parent_id: str | None
    followed: bool

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``executions``."""
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            epoch=row["epoch"],
            status=ExecutionStatus(row["status"]),
            cancel_requested_at=row["cancel_requested_at"],
            parent_id=row["parent_id"],
            followed=bool(row["followed"]),
        )


@dataclass(frozen=True, slots=True)
class EventRow:
    """What an execution began with: JSON text of its items, or the artifact that holds it."""

    payload: str | None
    artifact: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``events``."""
        return cls(row["payload"], row["artifact"])


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in the journal; what is ``str`` holds JSON but for names and ids."""

    workspace_id: str
    execution_id: str
    node_id: str
    run_index: int
    status: StepStatus
    attempt: int
    position: int | None
    sources: str
    output: str | None
    artifact: str | None
    error: str | None
    due_at: float | None
    detail: str | None
    started_at: float
    finished_at: float | None
    counts: str | None
    item_errors: str | None
    lineage: str | None
    origin: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``steps``."""
        return cls(
            workspace_id=row["workspace_id"],
            execution_id=row["execution_id"],
            node_id=row["node_id"],
            run_index=row["run_index"],
            status=StepStatus(row["status"]),
            attempt=row["attempt"],
            position=row["position"],
            sources=row["sources"],
            output=row["output"],
            artifact=row["artifact"],
            error=row["error"],
            due_at=row["due_at"],
            detail=row["detail"],
            started_at=row["started_at"],
            finished_at=row["finished_at"],
            counts=row["counts"],
            item_errors=row["item_errors"],
            lineage=row["lineage"],
            origin=row["origin"],
        )

    def values(self) -> dict[str, Any]:
        """The same by column, as it is written."""
        return {column.name: getattr(self, column.name) for column in fields(self)}

    @property
    def gave_items(self) -> bool:
        """Whether there are outputs: a step that failed has some where its items went on."""
        return self.output is not None or self.artifact is not None


@dataclass(frozen=True, slots=True)
class PartRow:
    """Outcomes of single items of a step; ``output`` and ``errors`` are JSON text."""

    workspace_id: str
    execution_id: str
    node_id: str
    run_index: int
    part: int
    output: str | None
    artifact: str | None
    errors: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``step_parts``."""
        return cls(
            workspace_id=row["workspace_id"],
            execution_id=row["execution_id"],
            node_id=row["node_id"],
            run_index=row["run_index"],
            part=row["part"],
            output=row["output"],
            artifact=row["artifact"],
            errors=row["errors"],
        )


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """What ended a wait; without a ``run_index`` any wait of the node, or of the execution."""

    id: str
    execution_id: str
    node_id: str | None
    run_index: int | None
    source: CallbackSource
    payload: str

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``callbacks``."""
        return cls(
            id=row["id"],
            execution_id=row["execution_id"],
            node_id=row["node_id"],
            run_index=row["run_index"],
            source=CallbackSource(row["source"]),
            payload=row["payload"],
        )


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A called execution that has ended. ``output`` and ``error`` are JSON text."""

    id: str
    parent_id: str
    status: ExecutionStatus
    output: str | None
    error: str | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``executions``."""
        return cls(
            id=row["id"],
            parent_id=row["parent_id"],
            status=ExecutionStatus(row["status"]),
            output=row["output"],
            error=row["error"],
        )
