"""Nodes that hand over to the engine: wait and execute_workflow."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.flow import execute_workflow, wait
from layers.contract import CallPage, CallWorkflow, Effect, NodeError, WaitForCallback, WaitUntil
from tests.nodes.context import NOW, NodeContext, outcome_of, read_params

ITEMS: list[dict[str, Any]] = [{"n": 1, "at": "2026-05-17T09:00:00"}, {"n": 2}]


@pytest.mark.parametrize(
    ("params", "moment"),
    [
        ({"seconds": 60}, NOW + 60),
        ({"seconds": 0}, NOW),
        ({"seconds": "{{ item.n * 1.5 }}"}, NOW + 1.5),
        ({"until": "2026-05-17T09:00:00Z"}, NOW + 1800),
        ({"until": "2026-05-17T11:00:00+02:00"}, NOW + 1800),
        ({"until": "{{ item.at }}"}, NOW - 5400),
        ({"until": "2026-05-17"}, NOW - 10.5 * 3600),
        ({"until": NOW + 5}, NOW + 5),
    ],
)
def test_waiting_for_a_moment(params: dict[str, Any], moment: float) -> None:
    outcome = outcome_of(wait.node, params, ITEMS, context=NodeContext(timezone="Europe/Berlin"))

    assert outcome == WaitUntil(moment, ITEMS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "expires_at"),
    [({"callback": True}, None), ({"callback": True, "timeout_s": 90}, NOW + 90)],
)
def test_waiting_for_a_call(params: dict[str, Any], expires_at: float | None) -> None:
    assert outcome_of(wait.node, params, ITEMS) == WaitForCallback(ITEMS, expires_at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "exactly one"),
        ({"callback": False}, "exactly one"),
        ({"seconds": 1, "callback": True}, "exactly one"),
        ({"seconds": 1, "until": "2026-05-17"}, "exactly one"),
        ({"seconds": 1, "timeout_s": 5}, "'callback' only"),
        ({"seconds": -1}, "seconds"),
        ({"until": "soon"}, "'soon' is not a time"),
        ({"callback": True, "timeout_s": 0}, "timeout_s"),
        ({"seconds": 1, "confirm": True}, "'confirm' is for 'callback' only"),
        ({"callback": True, "choices": [{"value": "a"}]}, "set 'confirm'"),
        ({"callback": True, "confirm": True, "authentication": "hmac"}, "cannot send the proof"),
        ({"callback": True, "on_timeout": "port"}, "means nothing"),
        ({"callback": True, "deadline": "soon"}, "'soon' is not a time"),
        ({"callback": True, "methods": ["HEAD"]}, "methods"),
        ({"callback": True, "allowed_origins": ["app.example.com"]}, "no origin"),
        ({"callback": True, "expected": [{"name": "a"}, {"name": "a"}]}, "Two fields"),
    ],
)
def test_wrong_parameters_are_explained(params: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_params(wait.node, params)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"until": "{{ 'soon' }}"}, "until: 'soon' is not a time"),
        ({"until": "{{ item.n > 0 }}"}, "until: True is not a time"),
        ({"seconds": "{{ -item.n }}"}, "greater than or equal to 0"),
    ],
)
def test_a_wrong_moment_is_explained(params: dict[str, Any], says: str) -> None:
    with pytest.raises(NodeError, match=says):
        outcome_of(wait.node, params, ITEMS)


def test_the_earlier_of_two_ends_counts_and_leaves_by_its_port() -> None:
    params = {
        "callback": True,
        "timeout_s": 90,
        "deadline": NOW + 60,
        "on_timeout": "port",
        "confirm": True,
        "page_title": "Number {{ item.n }}?",
    }

    outcome = outcome_of(wait.node, params, ITEMS)

    page = CallPage("Number 1?", "")
    assert outcome == WaitForCallback(ITEMS, NOW + 60, page, "timed_out")  # type: ignore[arg-type]
    assert wait.node.traits(read_params(wait.node, params)).outputs == ("main", "timed_out")


@pytest.mark.parametrize(
    ("params", "methods", "asks"),
    [
        ({}, ("POST",), False),
        ({"methods": ["PUT", "PUT"]}, ("PUT",), False),
        ({"methods": ["GET"]}, ("POST",), True),
        ({"methods": ["PUT"], "confirm": True}, ("PUT", "POST"), True),
    ],
)
def test_a_get_never_counts_as_the_call(
    params: dict[str, Any], methods: tuple[str, ...], asks: bool
) -> None:
    rules = wait.rules(read_params(wait.node, {"callback": True, **params}))  # type: ignore[arg-type]

    assert rules is not None
    assert (rules.methods, rules.asks) == (methods, asks)


@pytest.mark.parametrize("waits", [True, False])
def test_calling_a_workflow(waits: bool) -> None:
    params = {"workflow_id": "{{ 'w' + str(item.n) }}", "wait": waits}

    outcome = outcome_of(execute_workflow.node, params, ITEMS)

    assert outcome == CallWorkflow("w1", ITEMS, waits)  # type: ignore[arg-type]


def test_calling_waits_for_the_result_unless_told_otherwise() -> None:
    outcome = outcome_of(execute_workflow.node, {"workflow_id": "w"}, ITEMS)

    assert isinstance(outcome, CallWorkflow)
    assert outcome.wait
    assert execute_workflow.node.effect is Effect.KEYED
