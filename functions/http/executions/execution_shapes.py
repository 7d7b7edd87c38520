"""What is sent of executions and their steps, and what goes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.http.executions.execution_data import PreviewOut
from functions.http.shapes import Identifier, In, Moment, Out
from layers.database.models import ExecutionStatus
from layers.engine.core.definition import WorkflowDefinition


class ErrorOut(Out):
    """Why an execution or a step failed."""

    message: str
    kind: str = Field(description="A short name for the cause, such as `timeout`.")
    node_id: str | None = None
    detail: dict[str, Any] = {}


class LogLine(Out):
    """A piece of a step's logs."""

    stream: str
    text: str


class ItemErrorOut(Out):
    """Why an item of a step failed."""

    index: int = Field(description="Its position in what came in, from 0.")
    attempt: int = Field(description="The attempt at which it failed the last time.")
    message: str
    kind: str


ItemsFailed = Annotated[
    int, Field(description="How many items failed, of a node that acts item by item.")
]
ItemErrors = Annotated[list[ItemErrorOut], Field(description="The first hundred of them.")]


class StepOut(Out):
    """One activation of one node; `input` and `output` are items by port."""

    node_id: str
    run_index: int = Field(description="How many times the node had run before.")
    status: str
    attempt: int
    started_at: Moment
    finished_at: Moment | None
    input: dict[str, list[dict[str, Any]]]
    output: dict[str, list[dict[str, Any]]] | None
    error: ErrorOut | None
    logs: list[LogLine]
    items_failed: ItemsFailed = 0
    item_errors: ItemErrors = []


class ScopeOut(Out):
    """The part of a workflow that was tried."""

    node_id: str
    scope: Literal["to_node", "node"]


class ExecutionSummary(Out):
    """An execution without its steps."""

    id: Identifier
    workflow_id: Identifier
    version_id: Identifier
    status: ExecutionStatus
    manual: bool
    error: ErrorOut | None
    parent_id: Identifier | None
    retry_of: Identifier | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    wakes_at: Moment | None = Field(description="When a waiting execution goes on by itself.")
    held_for: str | None = Field(
        default=None, description="The plan's limit that a queued execution waits for."
    )
    workflow_name: str = ""
    version: int | None = Field(
        default=None, description="The version that ran; null for what was tried out of a draft."
    )
    source: Literal["version", "draft"] = "version"
    scope: ScopeOut | None = Field(
        default=None, description="The part of the workflow that was tried; null: all of it."
    )
    duration_ms: float | None = Field(default=None, description="From its start to its end.")


class ExecutionOut(ExecutionSummary):
    """A whole execution."""

    output: list[dict[str, Any]] | None = Field(description="The last node's items.")
    steps: list[StepOut]


class StepPreview(Out):
    """A step with the first items of each port."""

    node_id: str
    run_index: int
    status: str
    attempt: int
    started_at: Moment
    finished_at: Moment | None
    error: ErrorOut | None
    logs: list[LogLine]
    items_failed: ItemsFailed = 0
    item_errors: ItemErrors = []
    input_preview: dict[str, PreviewOut]
    output_preview: dict[str, PreviewOut] | None


class ExecutionPreview(ExecutionSummary):
    """An execution as it is shown."""

    steps: list[StepPreview]
    workflow: WorkflowDefinition = Field(description="The document that ran.")


class StartedOut(Out):
    """An execution was accepted."""

    execution_id: Identifier


class DecisionIn(In):
    """What to do about a step that a crash interrupted."""

    node_id: str = Field(max_length=64)
    run_index: int = Field(default=0, ge=0, le=2_147_483_647)
    decision: Literal["retry", "skip", "fail"]
    output: list[dict[str, Any]] | None = Field(
        default=None, description="With `skip`: the items that the step is taken to have given."
    )
