"""The node ``remove_duplicates``: lets each item through once, in a run or in a workflow's life."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from functions.nodes.comparing import COMPARISON_DESCRIPTION, Comparison, compared
from functions.nodes.moments import read_moment, zone_of
from functions.nodes.paths import Path, kind_of, need
from layers.contract import (
    Context,
    Effect,
    Item,
    Items,
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

LONGEST_NUMBER = 400
IN_WORKFLOW: dict[str, list[Json]] = {"scope": ["workflow"]}
SEEN: dict[str, list[Json]] = {**IN_WORKFLOW, "mode": ["new"]}
GREATER: dict[str, list[Json]] = {**IN_WORKFLOW, "mode": ["greater"]}


class RemoveDuplicatesParams(Params):
    """What makes two items the same, and how far back one looks."""

    fields: list[Path] | None = Parameter(
        default=None,
        title="Fields to compare",
        description=(
            "Items are the same if these fields are; every item must have them. "
            "Empty: the whole items are compared."
        ),
        examples=[["email"]],
    )
    compare: Comparison = Parameter(
        default="exact",
        title="Compare",
        description=COMPARISON_DESCRIPTION,
        examples=["loose"],
        widget=Widget.SELECT,
    )
    scope: Literal["execution", "workflow"] = Parameter(
        default="execution",
        title="Among",
        description=(
            "'execution': the items that come in together. 'workflow': those of earlier runs, "
            "too. Manual runs look at what is remembered, and add nothing to it."
        ),
        examples=["workflow"],
        widget=Widget.SELECT,
    )
    mode: Literal["new", "greater"] = Parameter(
        default="new",
        title="What goes through",
        description=(
            "'new': what was not there before. 'greater': what is greater than the greatest of "
            "the runs before, for ids and times that only grow."
        ),
        examples=["greater"],
        widget=Widget.SELECT,
        show_when=IN_WORKFLOW,
    )
    value_kind: Literal["number", "date", "text"] = Parameter(
        default="number",
        title="Kind of value",
        description="How 'greater' compares the field: as numbers, as times, or as texts.",
        examples=["date"],
        widget=Widget.SELECT,
        show_when=GREATER,
    )
    max_entries: Annotated[int, Field(ge=1, le=100_000)] = Parameter(
        default=10_000,
        title="Remember at most",
        description="How many items are remembered; those not seen for the longest go first.",
        examples=[5000],
        show_when=SEEN,
    )
    max_age_days: Annotated[float, Field(gt=0, le=3660)] | None = Parameter(
        default=None,
        title="Remember for",
        description="Days after which an item that was not seen again is new. Empty: no limit.",
        examples=[30],
        show_when=SEEN,
    )

    @model_validator(mode="after")
    def _matches(self) -> RemoveDuplicatesParams:
        if self.scope == "execution":
            for name in ("mode", "value_kind", "max_entries", "max_age_days"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise ValueError(
                        f"'{name}' is for the scope 'workflow'; remove it, or set 'scope'."
                    )
        elif self.mode == "greater" and len(self.fields or ()) != 1:
            raise ValueError("'greater' compares one field; name it in 'fields'.")
        return self


def run(params: RemoveDuplicatesParams, items: Items, ctx: Context) -> Outputs | Awaitable[Outputs]:
    """Give the first item of each kind, in order."""
    if params.scope == "execution":
        return only(list(_firsts(params, items).values()))
    return _greater(params, items, ctx) if params.mode == "greater" else _new(params, items, ctx)


async def _new(params: RemoveDuplicatesParams, items: Items, ctx: Context) -> Outputs:
    first = {_key(same): item for same, item in _firsts(params, items).items()}
    days = params.max_age_days
    unseen = await ctx.history.unseen(
        list(first),
        most=params.max_entries,
        max_age_s=None if days is None else days * 86_400,
    )
    return only([item for key, item in first.items() if key in unseen])


async def _greater(params: RemoveDuplicatesParams, items: Items, ctx: Context) -> Outputs:
    assert params.fields is not None
    path = params.fields[0]
    read = _reader(params.value_kind, path, ctx)
    values = [read(need(item, path, index), index) for index, item in enumerate(items)]
    last: Any = await ctx.history.last()
    if last is not None and isinstance(last, str) != (params.value_kind == "text"):
        # What was kept was of another kind, before the parameter was changed.
        last = None
    given = [
        item for item, value in zip(items, values, strict=True) if last is None or value > last
    ]
    greatest = max([*values, *([] if last is None else [last])], default=None)
    if greatest is not None:
        ctx.history.keep_last(greatest)
    return only(given)


def _firsts(params: RemoveDuplicatesParams, items: Items) -> dict[Any, Item]:
    first: dict[Any, Item] = {}
    for index, item in enumerate(items):
        first.setdefault(_identity_of(params, item, index), item)
    return first


def _identity_of(params: RemoveDuplicatesParams, item: Item, index: int) -> Any:
    if not params.fields:
        return compared(item, params.compare)
    return tuple(compared(need(item, path, index), params.compare) for path in params.fields)


def _key(same: Any) -> str:
    """A text that is equal where identities are, in every process and version."""
    digest = hashlib.sha256()
    _feed(digest.update, same)
    return digest.hexdigest()


def _feed(write: Callable[[bytes], object], same: Any) -> None:
    if isinstance(same, frozenset):
        parts = sorted(_key(one) for one in same)
        write(f"o{len(parts)}".encode())
        for part in parts:
            write(part.encode())
    elif isinstance(same, tuple):
        write(f"t{len(same)}".encode())
        for part in same:
            _feed(write, part)
    elif isinstance(same, type):
        write(b"k" + same.__name__.encode())
    else:
        text = _written(same).encode("utf-8", "surrogatepass")
        write(f"v{len(text)}:".encode() + text)


def _written(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # Texts and numbers that look alike are not the same.
    return repr(value) if not isinstance(value, str) else f"s{value}"


def _reader(kind: str, path: str, ctx: Context) -> Callable[[Json, int], Any]:
    zone = zone_of(ctx.timezone)

    def read(value: Json, index: int) -> Any:
        try:
            return _READERS[kind](value) if kind != "date" else read_moment(value, zone).timestamp()
        except (TypeError, ValueError, OverflowError) as error:
            raise NodeError(
                f"Item {index}: '{path}' is {kind_of(value)} that is no {kind}: {error}"[:500],
                item_index=index,
                kind="wrong_type",
                detail={"field": path},
            ) from error

    return read


def _number(value: Json) -> int | float:
    if isinstance(value, str):
        return _written_number(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a number is needed, or a text that is one")
    return value


def _written_number(text: str) -> int | float:
    """Whole numbers stay exact, however long an id is."""
    if not text.isascii() or len(text) > LONGEST_NUMBER:
        raise ValueError("a number is needed")
    if text.lstrip("+-").isdecimal():
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is needed")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is needed")
    return value


_READERS: dict[str, Callable[[Json], Any]] = {"number": _number, "text": _text}


def effect(params: RemoveDuplicatesParams) -> Effect:
    """What is remembered is an effect, the same however often a step runs."""
    return Effect.KEYED if params.scope == "workflow" else Effect.PURE


node = Node(
    type="remove_duplicates",
    title="Remove duplicates",
    category="Data",
    summary="Lets only the first of equal items through, in a run or among all runs.",
    icon="copy-x",
    params=RemoveDuplicatesParams,
    run=run,
    effect_of=effect,
    remembers=IN_WORKFLOW,
    sample=Sample(
        params={"fields": ["email"]},
        items=[{"email": "a@example.com", "n": 1}, {"email": "a@example.com", "n": 2}],
        outputs={"main": [{"email": "a@example.com", "n": 1}]},
    ),
)
