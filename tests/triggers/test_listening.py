"""Listeners: one alive for each trigger, started again whatever ends them, and they only nudge."""

from __future__ import annotations

from contextlib import ExitStack

from layers.settings import Settings
from tests.triggers.conftest import Bench, scheduling
from tests.triggers.feed import Board
from tests.waiting import until


def nudge(board: Board) -> None:
    for one in list(board.nudging):
        one()


def test_a_nudge_has_it_polled_at_once(bench: Bench, settings: Settings, board: Board) -> None:
    workflow_id = bench.activate("live_feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
        for number in range(3):
            board.items.append({"n": number})
            nudge(board)
            until(lambda n=number: bench.started(workflow_id) == n + 1, "it starts")  # type: ignore[misc]
    assert board.listening == [], "nobody listens after the end"
    assert bench.row(workflow_id).listen_owner is None


def test_a_nudge_during_a_poll_is_not_lost(
    bench: Bench, settings: Settings, closed_board: Board
) -> None:
    workflow_id = bench.activate("live_feed", board="closed")
    with scheduling(settings):
        until(lambda: closed_board.polls, "it is polled, and the poll hangs")
        until(lambda: closed_board.nudging, "somebody listens")
        seen = bench.row(workflow_id).nudges
        closed_board.items.append({"n": 1})
        nudge(closed_board)
        until(lambda: bench.row(workflow_id).nudges > seen, "the nudge is written")
        assert len(closed_board.polls) == 1
        closed_board.open.set()
        until(lambda: len(closed_board.polls) >= 2, "it is polled once more")
        until(lambda: bench.started(workflow_id) == 1, "and finds what the first one did not")


def test_a_listener_that_dies_is_started_again(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("live_feed", board="a")
    with scheduling(settings) as running:
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
        board.ending = ConnectionError("reset by peer")
        until(lambda: bench.row(workflow_id).listen_failures == 1, "it ends")
        until(lambda: bench.trigger(workflow_id)["state"] == "degraded", "that is told")
        found = bench.trigger(workflow_id)
        assert "reset by peer" in found["error"]["message"]
        assert found["error"]["remedy"]
        until(lambda: board.started == 2, "it is started again")
        until(lambda: len(board.listening) == 1, "one listens")
        recovered(bench, running)
        until(lambda: bench.trigger(workflow_id)["state"] == "listening", "it has recovered")
    assert bench.trigger(workflow_id)["error"] is None


def recovered(bench: Bench, running: object) -> None:
    """Let half a minute pass for the listeners that run."""
    for one in running.parts.listeners._running.values():  # type: ignore[attr-defined]
        one.since -= 60
    until(lambda: all_well(bench), "the leases are renewed")


def all_well(bench: Bench) -> bool:
    return bench.rows("SELECT 1 FROM triggers WHERE listen_failures > 0") == []


def test_two_schedulers_run_each_listener_once(
    bench: Bench, settings: Settings, board: Board
) -> None:
    for _ in range(5):
        bench.activate("live_feed", board="a")
    with ExitStack() as stack:
        both = [stack.enter_context(scheduling(settings, name)) for name in ("one", "two")]
        until(lambda: len(board.listening) == 5, "all of them listen")
        looks = [one.scheduler.looks for one in both]
        until(
            lambda: all(
                one.scheduler.looks > seen + 2 for one, seen in zip(both, looks, strict=True)
            ),
            "both have looked since",
        )
        assert board.started == 5
        assert sum(one.parts.listeners.running for one in both) == 5
    assert board.listening == []


def test_one_that_is_stopped_ends_and_one_that_is_published_anew_starts_anew(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("live_feed", board="a")
    with scheduling(settings) as running:
        until(lambda: len(board.listening) == 1, "it listens")
        bench.call("POST", f"/workflows/{workflow_id}/activate")
        until(lambda: board.started == 2, "it listens anew")
        until(lambda: len(board.listening) == 1, "and the former one has ended")
        bench.call("POST", f"/workflows/{workflow_id}/deactivate")
        until(lambda: not board.listening, "nobody listens")
        assert running.parts.listeners.running == 0
    assert bench.trigger(workflow_id)["state"] == "stopped"


def test_nudges_wait_for_the_shortest_pause(bench: Bench, settings: Settings, board: Board) -> None:
    workflow_id = bench.activate("live_feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
        until(lambda: bench.row(workflow_id).lease_owner is None, "nobody polls it")
        bench.write("UPDATE triggers SET not_before = not_before + 1000, due_at = due_at + 1000")
        row = bench.row(workflow_id)
        seen = row.nudges
        nudge(board)
        until(lambda: bench.row(workflow_id).nudges > seen, "the nudge is written")
        assert bench.row(workflow_id).due_at == row.not_before
        assert bench.row(workflow_id).lease_owner is None
