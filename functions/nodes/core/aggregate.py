"""The node ``aggregate``: gathers all items into one."""

from __future__ import annotations

from functions.nodes.paths import Path, need, put
from layers.contract import (
    Context,
    Items,
    Json,
    Node,
    Outputs,
    Parameter,
    Params,
    Sample,
    combine,
    only,
)


class AggregateParams(Params):
    """What to gather, and where to put it."""

    field: Path | None = Parameter(
        default=None,
        title="Field",
        description="Gather the values of this field; every item must have it. Empty: whole items.",
        examples=["email"],
    )
    into: Path = Parameter(
        default="items",
        title="Into",
        description="The field of the new item that holds the list.",
        examples=["emails"],
    )


def run(params: AggregateParams, items: Items, ctx: Context) -> Outputs:
    """Give one item with a list; it keeps the files of all."""
    values: dict[str, Json] = {}
    put(values, params.into, [_part(params, item, at) for at, item in enumerate(items)], 0)
    return only([combine(values, items)])


def _part(params: AggregateParams, item: dict[str, Json], index: int) -> Json:
    return dict(item) if params.field is None else need(item, params.field, index)


node = Node(
    type="aggregate",
    title="Aggregate",
    category="Data",
    summary="Gathers all items, or one field of each, into a list in a single item.",
    icon="combine",
    params=AggregateParams,
    run=run,
    sample=Sample(
        params={"field": "email", "into": "emails"},
        items=[{"email": "a@example.com"}, {"email": "b@example.com"}],
        outputs={"main": [{"emails": ["a@example.com", "b@example.com"]}]},
    ),
)
