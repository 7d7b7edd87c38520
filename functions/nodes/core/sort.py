"""The node ``sort``: puts items in order."""

from __future__ import annotations

import json
import math
from typing import Literal

from functions.nodes.paths import MISSING, Path, find
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
    Widget,
    only,
)


class SortKey(Params):
    """One field to sort by."""

    field: Path = Parameter(
        title="Field",
        description="The field to compare; dots lead into inner objects.",
        examples=["total", "customer.name"],
    )
    order: Literal["asc", "desc"] = Parameter(
        default="asc",
        title="Order",
        description="'asc': smallest first. 'desc': largest first.",
        examples=["desc"],
        widget=Widget.SELECT,
    )
    numeric: bool = Parameter(
        default=False,
        title="Texts as numbers",
        description="Compare texts that hold a number by its value, so that '9' is before '10'.",
        examples=[True],
    )


class SortParams(Params):
    """The order of the items."""

    by: list[SortKey] = Parameter(
        min_length=1,
        title="Sort by",
        description=(
            "The fields, the most important first. Items that are equal in all keep their order. "
            "Of different kinds, numbers come first, then texts, then true and false, then the "
            "rest; items without the field, or with null, always come last."
        ),
        examples=[[{"field": "total", "order": "desc"}, {"field": "name"}]],
    )


def run(params: SortParams, items: Items, ctx: Context) -> Outputs:
    """Give the same items in order."""
    ordered = list(items)
    for key in reversed(params.by):
        ordered = _sorted_by(key, ordered)
    return only(ordered)


def _sorted_by(key: SortKey, items: list[Item]) -> list[Item]:
    values = [find(item, key.field) for item in items]
    present = [at for at, value in enumerate(values) if value is not None and value is not MISSING]
    absent = sorted(set(range(len(items))).difference(present))
    present.sort(key=lambda at: _rank(values[at], key.numeric), reverse=key.order == "desc")
    return [items[at] for at in present + absent]


def _rank(value: Json, numeric: bool) -> tuple[int, float | str]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, (int, float)):
        return (0, value)
    if not isinstance(value, str):
        return (3, json.dumps(value, sort_keys=True, default=str))
    number = _number(value) if numeric else None
    return (1, value) if number is None else (0, number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


node = Node(
    type="sort",
    title="Sort",
    category="Data",
    summary="Puts items in order by one field or several.",
    icon="arrow-down-up",
    params=SortParams,
    run=run,
    sample=Sample(
        params={"by": [{"field": "total", "order": "desc"}]},
        items=[{"total": 1}, {"name": "no total"}, {"total": 3}],
        outputs={"main": [{"total": 3}, {"total": 1}, {"name": "no total"}]},
    ),
)
