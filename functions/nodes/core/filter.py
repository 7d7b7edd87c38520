"""The node ``filter``: keeps the items that meet a condition."""

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


class FilterParams(Params):
    """The condition to stay."""

    condition: Expression[bool] = Parameter(
        title="Condition",
        description="Items for which it is true leave at 'kept', the others at 'dropped'.",
        examples=["item.total > 100"],
        widget=Widget.CODE,
        placeholder="item.total > 100",
    )


def run(params: FilterParams, items: Items, ctx: Context) -> Outputs:
    """Give every item on one of the two ports."""
    outputs: dict[str, list[Item]] = {"kept": [], "dropped": []}
    for index, item in enumerate(items):
        outputs["kept" if ctx.evaluate(params.condition, index) else "dropped"].append(item)
    return outputs


def run_item(params: FilterParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give one item on one of the two ports."""
    return {"kept" if ctx.evaluate(params.condition, index) else "dropped": [item]}


node = Node(
    type="filter",
    title="Filter",
    category="Data",
    summary="Keeps the items that meet a condition and sets the others aside.",
    icon="filter",
    params=FilterParams,
    outputs=("kept", "dropped"),
    discards=("dropped",),
    run=run,
    run_item=run_item,
    sample=Sample(
        params={"condition": "item.total > 100"},
        items=[{"total": 250}, {"total": 40}],
        outputs={"kept": [{"total": 250}], "dropped": [{"total": 40}]},
    ),
)
