"""The node ``set``: writes, keeps and removes fields."""

from __future__ import annotations

from functions.nodes.paths import Path, drop, put
from layers.contract import (
    Context,
    Item,
    Items,
    Json,
    Node,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
    only,
)


class SetParams(Params):
    """What to write, and what to keep of the item."""

    fields: Template[dict[str, Json]] = Parameter(
        default={},
        validate_default=True,
        title="Fields",
        description=(
            "The fields to write. A name with dots writes into an inner object: "
            "'customer.name' sets 'name' in 'customer'."
        ),
        examples=[{"label": "Order {{ item.id }}", "customer.vip": True}],
        widget=Widget.KEYVALUE,
    )
    keep: bool = Parameter(
        default=False,
        title="Keep other fields",
        description="On: the item's other fields stay. Off: only the fields above come out.",
        examples=[True],
    )
    remove: list[Path] = Parameter(
        default=[],
        title="Remove fields",
        description="Fields to take out, after the others are written; a missing one is no error.",
        examples=[["password", "customer.card"]],
        show_when={"keep": [True]},
    )


def run(params: SetParams, items: Items, ctx: Context) -> Outputs:
    """Give one item for each that came."""
    return only([_written(params, item, index, ctx) for index, item in enumerate(items)])


def run_item(params: SetParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give one item for one that came."""
    return only([_written(params, item, index, ctx)])


def _written(params: SetParams, item: Item, index: int, ctx: Context) -> Item:
    values = dict(item) if params.keep else {}
    for path, value in ctx.evaluate(params.fields, index).items():
        put(values, path, value, index)
    for path in params.remove:
        drop(values, path)
    return item.derive(values)


node = Node(
    type="set",
    title="Set fields",
    category="Data",
    summary="Writes fields into every item, and keeps or removes others.",
    icon="pencil",
    params=SetParams,
    run=run,
    run_item=run_item,
    sample=Sample(
        params={"fields": {"label": "Order {{ item.id }}", "buyer.vip": True}, "keep": True},
        items=[{"id": 7, "buyer": {"name": "Ada"}}],
        outputs={"main": [{"id": 7, "buyer": {"name": "Ada", "vip": True}, "label": "Order 7"}]},
    ),
)
