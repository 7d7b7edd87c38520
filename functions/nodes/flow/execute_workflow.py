"""The node ``execute_workflow``: starts another workflow."""

from __future__ import annotations

from typing import Annotated

from layers.contract import (
    CallWorkflow,
    Context,
    Effect,
    Items,
    Locator,
    Node,
    OptionContext,
    OptionPage,
    OptionQuery,
    Parameter,
    Params,
    Sample,
    Ways,
)

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
EXAMPLE = "01890a5d-ac96-774b-bcce-b302099a8057"
WORKFLOW = Ways(
    id=UUID,
    url=rf"/workflows/(?P<id>{UUID})",
    id_example=EXAMPLE,
    url_example=f"https://treadle.example/workflows/{EXAMPLE}",
)


class ExecuteWorkflowParams(Params):
    """Which workflow, and whether its result matters."""

    workflow_id: Annotated[Locator, WORKFLOW] = Parameter(
        title="Workflow",
        description="A workflow of this workspace; it starts at its 'workflow_trigger'.",
        examples=[EXAMPLE],
        options="workflows",
    )
    wait: bool = Parameter(
        default=True,
        title="Wait for its result",
        description=(
            "On: its last items come out here. Off: it runs by itself; its execution_id comes out."
        ),
        examples=[False],
    )


def run(params: ExecuteWorkflowParams, items: Items, ctx: Context) -> CallWorkflow:
    """Give the call; the first item is in scope of the workflow's id."""
    return CallWorkflow(ctx.evaluate(params.workflow_id.value), items, params.wait)


async def list_workflows(asked: OptionQuery, ctx: OptionContext) -> OptionPage:
    """The workflows of the workspace."""
    return await ctx.workflows(asked)


node = Node(
    type="execute_workflow",
    title="Execute workflow",
    category="Flow",
    summary="Starts another workflow with the items and, if you like, goes on with its result.",
    icon="workflow",
    params=ExecuteWorkflowParams,
    effect=Effect.KEYED,
    run=run,
    options={"workflows": list_workflows},
    sample=Sample(
        params={"workflow_id": EXAMPLE, "wait": True},
        items=[{"id": 7}],
    ),
)
