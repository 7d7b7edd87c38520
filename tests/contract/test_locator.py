"""A resource is named by a list, its id, its address or an expression, and is always its id."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from functions.nodes.flow.execute_workflow import EXAMPLE
from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.contract import LocatedBy, Locator, Parameter, Params, Ways
from layers.engine.core.compiler import ExpressionCompiler
from layers.engine.core.plan import compile_plan
from layers.engine.step.context import parameter_name
from layers.errors import InvalidInput
from layers.registry import installed

CONTEXT = {"compiler": ExpressionCompiler()}
ADDRESS = "https://chat.example/c/C042/messages"


class ChannelParams(Params):
    channel: Annotated[
        Locator,
        Ways(
            id=r"C\d+",
            url=r"^https://chat\.example/c/(?P<id>C\d+)",
            id_example="C042",
            url_example="https://chat.example/c/C042",
        ),
    ] = Parameter(title="Channel", description="Where to.", options="channels")


def read(value: Any) -> Locator:
    return ChannelParams.model_validate({"channel": value}, context=CONTEXT).channel


def refused(value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(value)
    (error,) = caught.value.errors()
    assert error["loc"] == ("channel",)
    return str(error["msg"])


@pytest.mark.parametrize(
    "value",
    [
        "C042",
        " C042 ",
        {"by": "id", "value": "C042"},
        {"by": "url", "value": ADDRESS},
        {"by": "list", "value": "C042", "label": "Orders"},
    ],
)
def test_whatever_it_was_named_by_its_value_is_the_id(value: Any) -> None:
    assert read(value).value.value({}) == "C042"


@pytest.mark.parametrize("by", ["id", "url", "expression", None])
def test_an_expression_gives_an_id_for_each_item(by: str | None) -> None:
    text = "{{ item.at }}"
    found = read(text if by is None else {"by": by, "value": text})
    assert found.by is (LocatedBy.EXPRESSION if by is None else LocatedBy(by))
    given = ADDRESS if by == "url" else "C042"
    assert found.value.value({"item": {"at": given}}) == "C042"


def test_an_expression_may_give_an_address_too() -> None:
    found = read({"by": "expression", "value": "{{ item.at }}"})
    assert found.value.value({"item": {"at": ADDRESS}}) == "C042"


def test_what_is_wrong_is_said_of_the_parameter() -> None:
    assert "One looks like this: C042" in refused({"by": "id", "value": "orders"})
    assert "One looks like this: https://chat.example/c/C042" in refused(
        {"by": "url", "value": "https://elsewhere.example/C042"}
    )
    assert "Nothing is chosen" in refused({"by": "list", "value": ""})
    assert "Nothing is chosen" in refused("")
    assert "{{ item.id }}" in refused({"by": "expression", "value": "C042"})
    assert "'expression'" in refused({"by": "list", "value": "{{ item.id }}"})
    assert "one of list, id, url, expression" in refused({"by": "name", "value": "orders"})
    assert "no 'more'" in refused({"by": "id", "value": "C042", "more": 1})
    assert "object such as" in refused(42)
    assert "are texts" in refused({"by": "id", "value": 42})


def test_what_an_expression_gives_is_checked_when_it_runs() -> None:
    found = read({"by": "id", "value": "{{ item.at }}"})
    with pytest.raises(ValueError, match="no such id"):
        found.value.value({"item": {"at": "orders"}})


def test_it_is_written_as_it_was_read_and_found_by_its_parameter() -> None:
    for value in ("C042", {"by": "list", "value": "C042", "label": "Orders"}):
        params = ChannelParams.model_validate({"channel": value}, context=CONTEXT)
        assert params.model_dump() == {"channel": value}
        assert parameter_name(params, params.channel.value) == "channel"


def test_a_form_is_told_of_the_ways() -> None:
    found = ChannelParams.model_json_schema()["properties"]["channel"]
    assert found["x-input"] == "locator"
    assert found["x-options"] == "channels"
    assert found["x-locator"] == {
        "by_url": True,
        "id": "C042",
        "url": "https://chat.example/c/C042",
    }


def test_ways_that_cannot_work_are_the_author_s_mistake() -> None:
    with pytest.raises(ValueError, match="no group"):
        Ways(url="https://chat.example/")
    with pytest.raises(ValueError, match="no such address"):
        Ways(url=r"/c/(?P<id>C\d+)", url_example="https://chat.example/d/C042")


def workflow(workflow_id: Any) -> dict[str, Any]:
    return {
        "name": "Calls",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "call", "type": "execute_workflow", "params": {"workflow_id": workflow_id}},
        ],
        "connections": [{"from": "start", "to": "call"}],
    }


def test_a_workflow_is_called_by_any_of_them_and_stored_as_it_was_written() -> None:
    catalogue = catalogue_of(installed())
    for value in (
        EXAMPLE,
        {"by": "list", "value": EXAMPLE, "label": "Orders"},
        {"by": "url", "value": f"http://127.0.0.1:8700/workflows/{EXAMPLE}?run=1"},
    ):
        plan = compile_plan(workflow(value), catalogue, NO_WORKSPACE)
        assert plan.node("call").params.workflow_id.value.value({}) == EXAMPLE
        assert plan.node("call").definition.params["workflow_id"] == value
    with pytest.raises(InvalidInput) as caught:
        compile_plan(workflow({"by": "id", "value": "orders"}), catalogue, NO_WORKSPACE)
    assert [one.pointer for one in caught.value.errors] == ["/nodes/1/params/workflow_id"]


def test_ids_that_no_rule_was_held_against_go_on() -> None:
    catalogue = catalogue_of(installed())
    plan = compile_plan(workflow("of-the-year-before"), catalogue, NO_WORKSPACE, stored=True)
    assert plan.node("call").params.workflow_id.value.value({}) == "of-the-year-before"


def test_every_locator_has_a_list() -> None:
    found = installed()
    for kind in (*found.nodes.values(), *found.triggers.values()):
        for name, schema in kind.params.model_json_schema().get("properties", {}).items():
            if schema.get("x-input") == "locator":
                assert schema.get("x-options"), (kind.type, name)
