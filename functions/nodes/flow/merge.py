"""The node ``merge``: brings several branches together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain, islice, zip_longest
from string import ascii_lowercase
from typing import Any, Literal, TypeAlias

from pydantic import model_validator

from functions.nodes.comparing import COMPARISON_DESCRIPTION, Comparison, compared
from functions.nodes.paths import Missing, Path, find, kind_of, need
from layers.contract import (
    Context,
    Item,
    Items,
    Join,
    Json,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Widget,
    combine,
    only,
)

PORTS = tuple(ascii_lowercase)
MOST_ROWS = 100_000

Row: TypeAlias = dict[str, Item]
"""The items that become one, by the port that they came from."""


class MergeParams(Params):
    """How the branches come together."""

    mode: Literal["append", "position", "key", "any"] = Parameter(
        default="append",
        title="Mode",
        description=(
            "'append': all items, port by port. 'position': the first items of all ports become "
            "one, then the second ones, and so on. 'key': items with the same key become one. "
            "'any': goes on with the first branch that arrives, without waiting for the others."
        ),
        examples=["key"],
        widget=Widget.SELECT,
    )
    key: Path | None = Parameter(
        default=None,
        title="Key",
        description="The field that joins; every item of every branch must have it.",
        examples=["customer.id"],
        show_when={"mode": ["key"]},
    )
    key_b: Path | None = Parameter(
        default=None,
        title="Key of the other branches",
        description="Where the field has another name in all branches but the first.",
        examples=["customer_id"],
        show_when={"mode": ["key"]},
    )
    compare: Comparison = Parameter(
        default="exact",
        title="Compare",
        description=COMPARISON_DESCRIPTION,
        examples=["loose"],
        widget=Widget.SELECT,
        show_when={"mode": ["key"]},
    )
    kind: Literal["inner", "left", "outer"] = Parameter(
        default="inner",
        title="Keep",
        description=(
            "'inner': only keys that every branch has. 'left': every item of the first branch. "
            "'outer': every item of every branch."
        ),
        examples=["left"],
        widget=Widget.SELECT,
        show_when={"mode": ["key"]},
    )
    clash: Literal["prefer_last", "prefer_first", "prefix"] = Parameter(
        default="prefer_last",
        title="Same field in several branches",
        description=(
            "'prefer_last', 'prefer_first': whose value stays, in the order of the ports. "
            "'prefix': all stay, named by port, as in 'a_total' and 'b_total'; the key does not."
        ),
        examples=["prefix"],
        widget=Widget.SELECT,
        show_when={"mode": ["position", "key"]},
    )

    @model_validator(mode="after")
    def _key_for_key(self) -> MergeParams:
        if self.mode == "key" and self.key is None:
            raise ValueError("Name the field that joins in 'key', for example 'customer.id'.")
        if self.key_b is not None and self.mode != "key":
            raise ValueError("'key_b' goes with the mode 'key'.")
        return self


def join_of(params: MergeParams) -> Join:
    """Wait for all branches, except in the mode 'any'."""
    return Join.ANY if params.mode == "any" else Join.ALL


def run_ports(params: MergeParams, arrivals: dict[str, Items], ctx: Context) -> Outputs:
    """Give the merged items.

    ``arrivals`` holds every connected port, with no items where none can arrive any more: a
    port that is left out does not take part, while an empty one makes an inner join empty.
    """
    branches = {port: arrivals[port] for port in sorted(arrivals)}
    if params.mode in ("append", "any"):
        return only(list(chain.from_iterable(branches.values())))
    rows = _by_key(params, branches, ctx) if params.mode == "key" else _by_position(branches)
    return only([_united(params, row) for row in rows])


def _by_position(branches: dict[str, Items]) -> Iterable[Row]:
    for items in zip_longest(*branches.values()):
        yield {port: item for port, item in zip(branches, items, strict=True) if item is not None}


def _by_key(params: MergeParams, branches: dict[str, Items], ctx: Context) -> list[Row]:
    """Join branch by branch, as SQL does: several items of one key meet all of the others."""
    rows: list[tuple[Any, Row]] = []
    seen: dict[str, set[str]] = {}
    for count, (port, items) in enumerate(branches.items()):
        key = (params.key_b if count else None) or params.key or ""
        coming = _indexed(key, params.compare, port, items)
        seen[port] = {_kind_at(key, item) for item in items}
        if count and rows and coming and not any(found in coming for found, _ in rows):
            _tell(ctx, port, items, seen)
        known = {found for found, _ in rows}
        new = [pair for found, group in coming.items() if found not in known for pair in group]
        met = (pair for row in rows for pair in _met(params.kind, row, coming))
        rows = list(islice(met, MOST_ROWS + 1))
        if count == 0 or params.kind == "outer":
            rows += new
        if len(rows) > MOST_ROWS:
            raise NodeError(
                f"The key '{params.key}' joins to more than {MOST_ROWS} items. "
                "Use a field that tells items apart, or remove duplicates before.",
                kind="too_many_items",
            )
    return [row for _, row in rows]


def _met(
    kind: str, row: tuple[Any, Row], coming: dict[Any, list[tuple[Any, Row]]]
) -> list[tuple[Any, Row]]:
    key, parts = row
    matches = coming.get(key)
    if matches is None:
        return [] if kind == "inner" else [row]
    return [(key, {**parts, **match}) for _, match in matches]


def _indexed(
    key: str, how: Comparison, port: str, items: Items
) -> dict[Any, list[tuple[Any, Row]]]:
    groups: dict[Any, list[tuple[Any, Row]]] = defaultdict(list)
    for index, item in enumerate(items):
        found = compared(need(item, key, index, f" of port '{port}'"), how)
        groups[found].append((found, {port: item}))
    return groups


def _kind_at(key: str, item: Item) -> str:
    value = find(item, key)
    return "missing" if isinstance(value, Missing) else kind_of(value)


def _tell(ctx: Context, port: str, items: Items, kinds: dict[str, set[str]]) -> None:
    """Say why nothing joins: usually ids that are numbers here and texts there."""
    given = "; ".join(f"{' or '.join(sorted(found))} on {one}" for one, found in kinds.items())
    differ = len({frozenset(found) for found in kinds.values()}) > 1
    ctx.log(
        f"0 of {len(items)} items of '{port}' joined; keys are: {given}."
        + (" Set 'compare' to 'loose' to join 1 with \"1\"." if differ else "")
    )


def _united(params: MergeParams, row: Row) -> Item:
    if params.clash == "prefix":
        return combine(_prefixed(params, row), list(row.values()))
    values: dict[str, Json] = {}
    parts = list(row.values())
    for part in parts if params.clash == "prefer_last" else reversed(parts):
        values.update(part)
    return combine(values, parts)


def _prefixed(params: MergeParams, row: Row) -> dict[str, Json]:
    uses = Counter(chain.from_iterable(row.values()))
    same = params.mode == "key" and params.key_b is None
    key = (params.key or "").partition(".")[0] if same else None
    return {
        name if uses[name] == 1 or name == key else f"{port}_{name}": value
        for port, part in row.items()
        for name, value in part.items()
    }


node = Node(
    type="merge",
    title="Merge",
    category="Flow",
    summary="Brings branches together: one after the other, side by side, or joined by a key.",
    icon="merge",
    params=MergeParams,
    inputs=PORTS,
    join=Join.ALL,
    join_of=join_of,
    run_ports=run_ports,
    sample=Sample(
        params={"mode": "key", "key": "id"},
        inputs={
            "a": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}],
            "b": [{"id": 2, "total": 40}],
        },
        outputs={"main": [{"id": 2, "name": "Ben", "total": 40}]},
    ),
)
