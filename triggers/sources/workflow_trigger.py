"""The trigger ``workflow_trigger``: another workflow starts this one."""

from __future__ import annotations

from pydantic import Field

from layers.contract import Json, Params, Sample, Source, Trigger


class WorkflowTriggerParams(Params):
    """What callers should send."""

    fields: dict[str, Json] = Field(
        default={},
        title="Example item",
        description="An item as callers should send it: shown to them, and offered while editing.",
        examples=[{"id": 7, "total": 250}],
        json_schema_extra={"x-widget": "keyvalue"},
    )


trigger = Trigger(
    type="workflow_trigger",
    title="Started by a workflow",
    category="Triggers",
    summary="Starts when the node 'execute_workflow' of another workflow calls, with its items.",
    icon="workflow",
    params=WorkflowTriggerParams,
    source=Source.CALL,
    sample=Sample(
        params={"fields": {"id": 7, "total": 250}}, outputs={"main": [{"id": 7, "total": 250}]}
    ),
)
