"""The trigger ``workflow_trigger``: another workflow starts this one."""

from __future__ import annotations

from layers.contract import Json, Parameter, Params, Sample, Source, StartedBy, Trigger, Widget


class WorkflowTriggerParams(Params):
    """What callers should send."""

    fields: dict[str, Json] = Parameter(
        default={},
        title="Example item",
        description="An item as callers should send it: shown to them, and offered while editing.",
        examples=[{"id": 7, "total": 250}],
        widget=Widget.KEYVALUE,
    )


trigger = Trigger(
    type="workflow_trigger",
    title="Started by a workflow",
    category="Triggers",
    summary="Starts when the node 'execute_workflow' of another workflow calls, with its items.",
    icon="workflow",
    params=WorkflowTriggerParams,
    source=Source.CALL,
    started_by=StartedBy.WORKFLOW,
    sample=Sample(
        params={"fields": {"id": 7, "total": 250}}, outputs={"main": [{"id": 7, "total": 250}]}
    ),
)
