"""Polls: each beside all others, none lost, none twice, and what failed is told."""

from __future__ import annotations

import asyncio
import json

from layers.contract import NodeError
from layers.settings import Settings
from tests.triggers.conftest import Bench, scheduling
from tests.triggers.feed import Board, broken
from tests.waiting import until
from triggers.passes import run_pass


def test_a_poll_that_hangs_delays_no_other(
    bench: Bench, settings: Settings, closed_board: Board, board: Board
) -> None:
    hanging = bench.activate("feed", board="closed")
    ticking = bench.activate("schedule", every_s=1)
    with scheduling(settings):
        until(lambda: closed_board.polls, "the one that hangs is polled")
        until(lambda: bench.started(ticking) >= 3, "the clock goes on")
        assert bench.row(hanging).lease_owner is not None
        assert len(closed_board.polls) == 1
    assert bench.row(hanging).lease_owner is None, "it is left to others at the end"


def test_what_cannot_be_stored_is_a_failure_of_its_own_trigger(
    bench: Bench, settings: Settings, board: Board
) -> None:
    bad = bench.activate("feed", board="a")
    good = bench.activate("schedule", every_s=1)
    with scheduling(settings):
        until(lambda: is_idle(bench, bad), "the first poll takes a position")
        board.items.append({"n": {1, 2}})
        due_now(bench, bad)
        until(lambda: bench.row(bad).failures >= 1, "it fails")
        seen = bench.started(good)
        until(lambda: bench.started(good) > seen, "the others go on")
    found = bench.trigger(bad)
    assert found["state"] == "degraded"
    assert "set" in found["error"]["message"]
    assert found["error"]["remedy"]
    assert bench.row(bad).due_at > bench.row(bad).last_check_at


def test_a_trigger_that_needs_somebody_says_what_to_do(
    bench: Bench, settings: Settings, board: Board
) -> None:
    board.failing = broken
    workflow_id = bench.activate("feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).failures >= 2, "it is tried again")
        found = bench.trigger(workflow_id)
        assert found["state"] == "needs_attention"
        assert found["error"] == {
            "message": "The folder 'a' does not exist.",
            "remedy": "Choose another folder.",
        }
        board.failing = None
        due_now(bench, workflow_id)
        until(lambda: bench.trigger(workflow_id)["state"] == "listening", "it recovers")
    assert bench.trigger(workflow_id)["error"] is None


def test_the_other_side_says_when_to_try_again(
    bench: Bench, settings: Settings, board: Board
) -> None:
    board.failing = lambda: NodeError("Too many requests.", retry=True, retry_in=900)
    workflow_id = bench.activate("feed", board="a")
    asyncio.run(run_pass("poll", settings))
    # The types of these tests are unknown to the pass, as of a plugin that was removed.
    assert bench.trigger(workflow_id)["state"] == "needs_attention"
    due_now(bench, workflow_id)
    with scheduling(settings):
        until(lambda: bench.trigger(workflow_id)["state"] == "degraded", "it fails")
    row = bench.row(workflow_id)
    assert row.due_at >= row.last_check_at + 900


def test_pages_are_one_look(bench: Bench, settings: Settings, board: Board) -> None:
    board.items.extend({"n": n} for n in range(7))
    workflow_id = bench.activate("paced_feed", board="a", pages=True)
    with scheduling(settings):
        until(lambda: bench.started(workflow_id) == 7, "all pages come, whatever the pause")
        until(lambda: bench.trigger(workflow_id)["state"] == "listening", "it has caught up")
    row = bench.row(workflow_id)
    assert row.due_at > row.last_check_at + 3000
    assert json.loads(row.cursor) == 7


def test_a_large_event_is_kept_as_an_artifact_and_files_beside_it(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it takes a position")
        board.items.append({"n": 1, "text": "x" * 200_000, "file": True})
        due_now(bench, workflow_id)
        until(lambda: bench.started(workflow_id) == 1, "it starts")
    (event,) = bench.rows("SELECT payload, artifact FROM events")
    assert event.payload is None
    kept = bench.parts.artifacts.get(bench.person.workspace_id, event.artifact)
    packed = json.loads(kept)
    assert len(packed["items"][0]["text"]) == 200_000
    (file,) = packed["files"]["0"]
    assert bench.parts.artifacts.get(bench.person.workspace_id, file["key"]) == b"attached"
    assert bench.trigger(workflow_id)["log"] == ["found 1"]


def test_a_version_that_no_longer_compiles_stops_nothing_else(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("feed", board="a")
    good = bench.activate("schedule", every_s=1)
    bench.write(
        "UPDATE workflow_versions SET definition = '{}' WHERE workflow_id = :id", id=workflow_id
    )
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).failures >= 1, "it fails")
        until(lambda: bench.started(good) >= 2, "the other goes on")
    found = bench.trigger(workflow_id)
    assert found["state"] == "needs_attention"
    assert "activate it again" in found["error"]["remedy"]


def test_what_was_published_anew_is_polled_anew_while_the_old_poll_hangs(
    bench: Bench, settings: Settings, closed_board: Board
) -> None:
    workflow_id = bench.activate("feed", board="closed")
    with scheduling(settings):
        until(lambda: len(closed_board.polls) == 1, "it is polled")
        bench.call("POST", f"/workflows/{workflow_id}/deactivate")
        bench.call("POST", f"/workflows/{workflow_id}/activate")
        until(lambda: len(closed_board.polls) == 2, "it is polled in its new version")
        closed_board.open.set()
        until(lambda: bench.row(workflow_id).last_check_at is not None, "it ends")
        until(lambda: bench.row(workflow_id).lease_owner is None, "nobody polls any more")
    assert bench.trigger(workflow_id)["state"] == "listening"


def test_a_poll_signs_requests_by_the_credential_as_nodes_do(
    bench: Bench, settings: Settings, board: Board
) -> None:
    body = {"name": "c", "type": "http_bearer", "data": {"token": "s3cret-token"}}
    body["allowed_hosts"] = ["feed.example"]
    credential_id = bench.call("POST", "/credentials", body, 201)["id"]
    workflow_id = bench.activate("signed_feed", credential_id=credential_id, board="a")
    with scheduling(settings):
        until(lambda: board.calls, "it is polled")
        assert board.calls[0] == ("poll", "Bearer s3cret-token")
        until(lambda: is_idle(bench, workflow_id), "it ends")
        bench.write("UPDATE credentials SET allowed_hosts = '[]'")
        due_now(bench, workflow_id)
        until(lambda: bench.row(workflow_id).failures, "it may not go there any more")
    assert bench.trigger(workflow_id)["state"] == "needs_attention"


def due_now(bench: Bench, workflow_id: str) -> None:
    """Let its pause pass, as far as the scheduler can tell."""
    until(lambda: is_idle(bench, workflow_id), "it was polled")
    bench.write("UPDATE triggers SET due_at = 1 WHERE workflow_id = :id", id=workflow_id)


def is_idle(bench: Bench, workflow_id: str) -> bool:
    row = bench.row(workflow_id)
    return row.lease_owner is None and row.last_check_at is not None
