"""The node ``remove_duplicates``: lets each item through once."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from functions.nodes.comparing import COMPARISON_DESCRIPTION, Comparison, compared
from functions.nodes.paths import Path, need
from layers.contract import Context, Item, Items, Node, Outputs, Params, Sample, only


class RemoveDuplicatesParams(Params):
    """What makes two items the same."""

    fields: list[Path] | None = Field(
        default=None,
        title="Fields to compare",
        description=(
            "Items are the same if these fields are; every item must have them. "
            "Empty: the whole items are compared."
        ),
        examples=[["email"]],
    )
    compare: Comparison = Field(
        default="exact",
        title="Compare",
        description=COMPARISON_DESCRIPTION,
        examples=["loose"],
        json_schema_extra={"x-widget": "select"},
    )


def run(params: RemoveDuplicatesParams, items: Items, ctx: Context) -> Outputs:
    """Give the first item of each kind, in order."""
    first: dict[Any, Item] = {}
    for index, item in enumerate(items):
        first.setdefault(_identity_of(params, item, index), item)
    return only(list(first.values()))


def _identity_of(params: RemoveDuplicatesParams, item: Item, index: int) -> Any:
    if not params.fields:
        return compared(item, params.compare)
    return tuple(compared(need(item, path, index), params.compare) for path in params.fields)


node = Node(
    type="remove_duplicates",
    title="Remove duplicates",
    category="Data",
    summary="Lets only the first of equal items through, compared whole or by some fields.",
    icon="copy-x",
    params=RemoveDuplicatesParams,
    run=run,
    sample=Sample(
        params={"fields": ["email"]},
        items=[{"email": "a@example.com", "n": 1}, {"email": "a@example.com", "n": 2}],
        outputs={"main": [{"email": "a@example.com", "n": 1}]},
    ),
)
