"""No trigger looks more often than its workspace's plan allows, whatever its type is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.settings import BillingMode, Settings
from tests.conftest import Person
from tests.triggers.conftest import BASE, Bench, scheduling
from tests.triggers.feed import Board, all_types
from tests.waiting import until

FREE_S = 60
"""The shortest pause that the plan Free has."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of an instance where everybody is on the plan Free."""
    return replace(settings, billing=replace(settings.billing, mode=BillingMode.ON))


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings) -> Parts:
    return make_parts(settings=settings, registry=all_types())


@pytest.mark.parametrize("kind", ["feed", "schedule"])
def test_activation_refuses_what_asks_for_more_by_its_declaration(
    bench: Bench, board: Board, kind: str
) -> None:
    params = {"every_s": 30} | ({"board": "a"} if kind == "feed" else {})
    made = bench.make(kind, **params)
    answer = bench.person.program.post(f"{BASE}/workflows/{made}/activate")
    assert answer.status == 402, answer.text
    assert answer.json()["meter"] == "minimum_poll_seconds"
    bench.activate(kind, **{**params, "every_s": 60})


def test_the_poller_holds_it_for_a_source_that_wants_more_and_for_its_nudges(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("live_feed", board="a", every_s=3600)
    # It was activated under a larger plan.
    with bench.parts.database.writing() as connection:
        changed = "UPDATE workflow_versions SET definition = replace(definition, '3600', '2')"
        connection.execute(text(changed))
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
        row = bench.row(workflow_id)
        assert row.due_at >= row.last_check_at + FREE_S
        seen = row.nudges
        board.items.append({"n": 1})
        for one in list(board.nudging):
            one()
        until(lambda: bench.row(workflow_id).nudges > seen, "the nudge is written")
        row = bench.row(workflow_id)
        assert row.due_at >= row.last_check_at + FREE_S
        assert len(board.polls) == 1


def test_a_type_of_its_own_pause_keeps_that(
    ada: Person, bench: Bench, settings: Settings, board: Board
) -> None:
    board.items.extend({"n": n} for n in range(3))
    workflow_id = bench.activate("paced_feed", board="a", every_s=60)
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
    assert bench.row(workflow_id).not_before >= bench.row(workflow_id).last_check_at + FREE_S
