"""The node ``if``: sends every item one of two ways."""

from __future__ import annotations

from layers.contract import (
    Context,
    Expression,
    Item,
    Items,
    Node,
    Outputs,
    Parameter,
    Params,
    Sample,
    Widget,
)


class IfParams(Params):
    """What decides."""

    condition: Expression[bool] = Parameter(
        title="Condition",
        description="Items for which it is true leave at 'true', the others at 'false'.",
        examples=["item.total > 100"],
        widget=Widget.CODE,
        placeholder="item.total > 100",
    )


def run(params: IfParams, items: Items, ctx: Context) -> Outputs:
    """Give every item on one of the two ports."""
    outputs: dict[str, list[Item]] = {"true": [], "false": []}
    for index, item in enumerate(items):
        outputs["true" if ctx.evaluate(params.condition, index) else "false"].append(item)
    return outputs


def run_item(params: IfParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give one item on one of the two ports."""
    return {"true" if ctx.evaluate(params.condition, index) else "false": [item]}


node = Node(
    type="if",
    title="If",
    category="Flow",
    summary="Sends every item one of two ways, by a condition.",
    icon="git-branch",
    params=IfParams,
    outputs=("true", "false"),
    run=run,
    run_item=run_item,
    sample=Sample(
        params={"condition": "item.total > 100"},
        items=[{"total": 250}, {"total": 40}],
        outputs={"true": [{"total": 250}], "false": [{"total": 40}]},
    ),
)
