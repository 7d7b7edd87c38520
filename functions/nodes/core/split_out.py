"""The node ``split_out``: makes an item of each element of a list."""

from __future__ import annotations

from typing import Literal

from functions.nodes.paths import Path, drop, kind_of, last_name, need, put
from layers.contract import (
    Context,
    Item,
    Json,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Widget,
    only,
)


class SplitOutParams(Params):
    """Which list, and what goes along with its elements."""

    field: Path = Parameter(
        title="Field",
        description="The field that holds the list; dots lead into inner objects.",
        examples=["body.orders"],
    )
    keep: Literal["none", "all"] = Parameter(
        default="none",
        title="Keep other fields",
        description=(
            "'none': an element that is an object becomes the item as it is. "
            "'all': every new item has the other fields too, beside the element."
        ),
        examples=["all"],
        widget=Widget.SELECT,
    )
    into: Path | None = Parameter(
        default=None,
        title="Put the element into",
        description=(
            "The field for the element. Empty: the last part of the field's name, "
            "where a field is needed."
        ),
        examples=["order"],
    )


def run_item(params: SplitOutParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give the elements of one item's list, in order."""
    return only(_split(params, item, index))


def _split(params: SplitOutParams, item: Item, index: int) -> list[Item]:
    if item.is_placeholder:
        return []
    elements = _elements(params.field, item, index)
    rest = dict(item) if params.keep == "all" else {}
    drop(rest, params.field)
    return [item.derive(_values(params, rest, element, index)) for element in elements]


def _elements(field: str, item: Item, index: int) -> list[Json]:
    value = need(item, field, index)
    if value is None:
        return []
    if not isinstance(value, list):
        raise NodeError(
            f"Item {index}: '{field}' is {kind_of(value)}, but split_out needs a list there. "
            "Null counts as an empty list.",
            item_index=index,
            kind="wrong_type",
            detail={"field": field},
        )
    return value


def _values(
    params: SplitOutParams, rest: dict[str, Json], element: Json, index: int
) -> dict[str, Json]:
    if isinstance(element, dict) and params.keep == "none" and params.into is None:
        return element
    values = dict(rest)
    put(values, params.into or last_name(params.field), element, index)
    return values


node = Node(
    type="split_out",
    title="Split out",
    category="Data",
    summary="Makes one item of each element of a list.",
    icon="split",
    params=SplitOutParams,
    run_item=run_item,
    sample=Sample(
        params={"field": "body.orders"},
        items=[{"body": {"orders": [{"id": 1}, {"id": 2}, 3]}}],
        outputs={"main": [{"id": 1}, {"id": 2}, {"orders": 3}]},
    ),
)
