"""A declaration whose hints mean nothing is refused when it is made, by type and parameter."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field

from layers.contract import Node, Parameter, Params, Sample, Source, Trigger, only


class Inner(Params):
    what: str = Parameter(title="What", description="It.", show_when={"mode": ["a"]})


class Good(Params):
    mode: str = Parameter(default="a", title="Mode", description="It.")
    from_: str = Parameter(default="", alias="from", title="From", description="It.")
    to: str = Parameter(default="", title="To", description="It.", show_when={"from": ["x"]})
    inner: list[Inner] | None = Parameter(default=None, title="Inner", description="It.")
    chosen: str = Parameter(
        default="", title="One", description="It.", options="all", depends_on=["to"]
    )


class Misspelt(Params):
    word: str = Field(title="Word", json_schema_extra={"x-widgit": "code"})


class UnknownWidget(Params):
    word: str = Parameter(title="Word", description="It.", widget="selekt")  # type: ignore[arg-type]


class ShownByNothing(Params):
    word: str = Parameter(title="Word", description="It.", show_when={"mood": ["a"]})


class DependsOnNothing(Params):
    word: str = Parameter(title="Word", description="It.", depends_on=["mood"])


class WithoutList(Params):
    word: str = Parameter(title="Word", description="It.", options="words")


class DeepDown(Params):
    inner: dict[str, list[Misspelt]] | None = Parameter(
        default=None, title="Inner", description="It."
    )


BAD = [
    (Misspelt, "'word' has the hint 'x-widgit', but there are .*x-widget"),
    (UnknownWidget, "'word' has the widget 'selekt', but there are .*select"),
    (ShownByNothing, "'word' names 'mood' in 'x-show-when', but there are word"),
    (DependsOnNothing, "'word' names 'mood' in 'x-depends-on'"),
    (WithoutList, "'word' is chosen from the list 'words', but the type's 'options' has none"),
    (DeepDown, "'word' has the hint 'x-widgit'"),
]


def declare(params: type[Params], **more: Any) -> Node[Any]:
    facts: dict[str, Any] = {"run": lambda _params, items, _ctx: only(items), **more}
    return Node(
        type="it",
        title="It",
        category="Test",
        summary="It.",
        params=params,
        sample=Sample(params={}),
        **facts,
    )


async def _all(*_: Any) -> Any:
    raise NotImplementedError


def test_hints_that_mean_something_are_taken() -> None:
    assert declare(Good, options={"all": _all}).spec.options == ("all",)


@pytest.mark.parametrize(("params", "said"), BAD, ids=lambda value: getattr(value, "__name__", ""))
def test_others_are_refused_where_they_are_declared(params: type[Params], said: str) -> None:
    with pytest.raises(ValueError, match=f"^it: the parameter {said}"):
        declare(params)
    with pytest.raises(ValueError, match=f"^it: the parameter {said}"):
        Trigger(
            type="it",
            title="It",
            category="Test",
            summary="It.",
            params=params,
            source=Source.CALL,
            sample=Sample(params={}),
        )


@pytest.mark.parametrize("ways", [{"run": None}, {"run_ports": lambda *_: {}}])
def test_a_node_has_one_way_to_run(ways: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it: declare 'run' or 'run_item', or 'run_ports'"):
        declare(Good, options={"all": _all}, **ways)
