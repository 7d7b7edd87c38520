"""The node ``limit``: lets a number of items through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from layers.contract import (
    Context,
    Items,
    Node,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
    only,
)


class LimitParams(Params):
    """How many items, and from which end."""

    model_config = ConfigDict(serialize_by_alias=True)

    count: Template[Annotated[int, Field(ge=0)]] = Parameter(
        default=1,
        validate_default=True,
        title="Count",
        description="The largest number of items to let through.",
        examples=[10],
    )
    from_: Literal["first", "last"] = Parameter(
        default="first",
        alias="from",
        title="From",
        description="Whether to keep the first or the last items.",
        examples=["last"],
        widget=Widget.SELECT,
    )


def run(params: LimitParams, items: Items, ctx: Context) -> Outputs:
    """Give at most that many items, in their order."""
    if not items:
        return only(items)
    count = ctx.evaluate(params.count)
    start = max(len(items) - count, 0)
    return only(items[:count] if params.from_ == "first" else items[start:])


node = Node(
    type="limit",
    title="Limit",
    category="Data",
    summary="Lets only a number of items through, from the beginning or the end.",
    icon="list-end",
    params=LimitParams,
    run=run,
    sample=Sample(
        params={"count": 2, "from": "last"},
        items=[{"n": 1}, {"n": 2}, {"n": 3}],
        outputs={"main": [{"n": 2}, {"n": 3}]},
    ),
)
