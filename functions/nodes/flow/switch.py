"""The node ``switch``: sends every item one of several ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from layers.contract import (
    Context,
    Expression,
    Item,
    Items,
    Node,
    Outputs,
    Parameter,
    Params,
    PortsFrom,
    Sample,
    Widget,
)

DEFAULT = "default"
RESERVED = (DEFAULT, "error")


class Case(Params):
    """One way out."""

    port: str = Parameter(
        pattern=r"^[A-Za-z0-9_-]{1,40}$",
        title="Port",
        description="The name of the way out: letters, digits, '_' and '-', at most 40.",
        examples=["large"],
    )
    condition: Expression[bool] = Parameter(
        title="Condition",
        description="When an item goes this way.",
        examples=["item.total > 100"],
        widget=Widget.CODE,
        placeholder="item.total > 100",
    )


def _distinct(cases: list[Case]) -> list[Case]:
    seen: set[str] = set()
    for case in cases:
        if case.port in RESERVED:
            raise ValueError(f"'{case.port}' is a port of its own. Give the case another name.")
        if case.port in seen:
            raise ValueError(
                f"Two cases have the port '{case.port}'. Name each case differently, "
                "or join the conditions by 'or'."
            )
        seen.add(case.port)
    return cases


class SwitchParams(Params):
    """The ways, in order."""

    cases: Annotated[list[Case], AfterValidator(_distinct)] = Parameter(
        min_length=1,
        max_length=100,
        title="Cases",
        description="Tried in order; an item that meets none leaves at 'default'.",
        examples=[[{"port": "large", "condition": "item.total > 100"}]],
    )
    all_matches: bool = Parameter(
        default=False,
        title="All matches",
        description="On: an item goes every way whose condition it meets. Off: the first only.",
        examples=[True],
    )


def run(params: SwitchParams, items: Items, ctx: Context) -> Outputs:
    """Give every item on the ports whose conditions it meets."""
    outputs: dict[str, list[Item]] = {
        port: [] for port in (*(case.port for case in params.cases), DEFAULT)
    }
    for index, item in enumerate(items):
        for port in _ways(params, index, ctx):
            outputs[port].append(item)
    return outputs


def run_item(params: SwitchParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Give one item on the ports whose conditions it meets."""
    return {port: [item] for port in _ways(params, index, ctx)}


def _ways(params: SwitchParams, index: int, ctx: Context) -> Sequence[str]:
    found: list[str] = []
    for case in params.cases:
        if ctx.evaluate(case.condition, index):
            found.append(case.port)
            if not params.all_matches:
                break
    return found or (DEFAULT,)


node = Node(
    type="switch",
    title="Switch",
    category="Flow",
    summary="Sends every item one of several ways, by the first condition that it meets.",
    icon="signpost",
    params=SwitchParams,
    outputs=(PortsFrom("cases", "port"), DEFAULT),
    run=run,
    run_item=run_item,
    sample=Sample(
        params={
            "cases": [
                {"port": "large", "condition": "item.total > 100"},
                {"port": "medium", "condition": "item.total > 10"},
            ]
        },
        items=[{"total": 250}, {"total": 40}, {"total": 1}],
        outputs={
            "large": [{"total": 250}],
            "medium": [{"total": 40}],
            "default": [{"total": 1}],
        },
    ),
)
