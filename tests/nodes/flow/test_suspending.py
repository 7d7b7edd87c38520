"""Nodes that hand over to the engine: wait and execute_workflow."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes.flow import execute_workflow, wait
from layers.contract import CallWorkflow, Effect, NodeError, WaitForCallback, WaitUntil
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
