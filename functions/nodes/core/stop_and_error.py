"""The node ``stop_and_error``: ends the execution as failed."""

from __future__ import annotations

from layers.contract import (
    Context,
    Items,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
)


class StopAndErrorParams(Params):
    """What to say."""

    message: Template[str] = Parameter(
        title="Message",
        description="Why the workflow stops; it is the execution's error. Uses the first item.",
        examples=["Order {{ item.id }} has no address"],
        widget=Widget.TEXTAREA,
    )


def run(params: StopAndErrorParams, items: Items, ctx: Context) -> Outputs:
    """Raise the error; trying again would not help, so it never is."""
    raise NodeError(ctx.evaluate(params.message), retry=False, kind="stop_and_error")


node = Node(
    type="stop_and_error",
    title="Stop with an error",
    category="Flow",
    summary="Ends the execution as failed, with a message of your own.",
    icon="octagon-x",
    params=StopAndErrorParams,
    outputs=(),
    run=run,
    sample=Sample(params={"message": "Order {{ item.id }} has no address"}, items=[{"id": 7}]),
)
