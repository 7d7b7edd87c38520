"""What triggers hold at providers: acquired and released beside the requests, until it is done."""

from __future__ import annotations

from layers.contract import NodeError
from layers.settings import Settings
from tests.triggers.conftest import Bench, scheduling
from tests.triggers.feed import Board
from tests.waiting import until


def due_now(bench: Bench) -> None:
    """Let the pause after a failure pass."""
    bench.write("UPDATE trigger_acquisitions SET due_at = 1 WHERE due_at IS NOT NULL")


def held(bench: Bench) -> list[str]:
    return [row.id for row in bench.rows("SELECT id FROM trigger_acquisitions ORDER BY id")]


def test_it_is_acquired_before_it_is_polled_and_released_at_the_end(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("held_feed", board="a")
    assert board.calls == [], "no request waits for a provider"
    assert bench.trigger(workflow_id)["state"] == "catching_up"
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it is polled")
        until(lambda: len(board.listening) == 1, "and listens")
        (key,) = held(bench)
        assert board.calls == [("acquire", key)]
        assert bench.trigger(workflow_id)["state"] == "listening"
        bench.call("POST", f"/workflows/{workflow_id}/activate")
        until(lambda: board.started == 2, "published anew with the same settings, it listens anew")
        assert held(bench) == [key], "and keeps what it holds"
        bench.call("POST", f"/workflows/{workflow_id}/deactivate")
        until(lambda: not held(bench), "it is released")
    assert board.calls == [("acquire", key), ("release", {"subscription": key})]


def test_a_provider_that_is_away_is_asked_again(
    bench: Bench, settings: Settings, board: Board
) -> None:
    board.refusing = lambda: NodeError("The provider is away.", retry=True)
    workflow_id = bench.activate("held_feed", board="a")
    with scheduling(settings):
        until(lambda: bench.trigger(workflow_id)["state"] == "degraded", "that is told")
        found = bench.trigger(workflow_id)["error"]
        assert found["message"] == "The provider is away."
        assert found["remedy"]
        assert board.polls == []
        board.refusing = None
        due_now(bench)
        until(lambda: bench.row(workflow_id).cursor is not None, "it is polled then")
    assert {key for _what, key in board.calls} == set(held(bench)), "by the same key each time"
    assert bench.trigger(workflow_id)["error"] is None


def test_what_a_deleted_workflow_held_is_released(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("held_feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it is polled")
    bench.call("DELETE", f"/workflows/{workflow_id}", status=204)
    assert len(held(bench)) == 1
    with scheduling(settings):
        until(lambda: not held(bench), "it is released")
    assert [what for what, _ in board.calls] == ["acquire", "release"]


def test_what_was_never_begun_need_not_be_released(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("held_feed", board="a")
    bench.call("POST", f"/workflows/{workflow_id}/deactivate")
    with scheduling(settings):
        until(lambda: not held(bench), "it is forgotten")
    assert board.calls == []


def test_an_attempt_whose_answer_was_lost_is_released_by_its_key(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("held_feed", board="a")
    # As it is after a crash between the provider's answer and the storing.
    bench.write("UPDATE trigger_acquisitions SET attempts = 1, epoch = 1")
    bench.call("POST", f"/workflows/{workflow_id}/deactivate")
    with scheduling(settings):
        until(lambda: not held(bench), "it is released")
    assert board.calls == [("release", None)]


def test_with_other_settings_it_holds_something_else(
    bench: Bench, settings: Settings, board: Board
) -> None:
    workflow_id = bench.activate("held_feed", board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it is polled")
        (former,) = held(bench)
        workflow = bench.call("GET", f"/workflows/{workflow_id}")
        workflow["nodes"][0]["params"]["every_s"] = 60
        kept = {"name", "nodes", "connections"}
        changed = {name: value for name, value in workflow.items() if name in kept}
        bench.call("PUT", f"/workflows/{workflow_id}", changed)
        bench.call("POST", f"/workflows/{workflow_id}/activate")
        until(lambda: len(held(bench)) == 1 and held(bench) != [former], "the other one only")
        until(lambda: len(board.listening) == 1, "it listens again")
    assert ("release", {"subscription": former}) in board.calls


def test_it_is_acquired_with_the_credential_of_each_place(
    bench: Bench, settings: Settings, board: Board
) -> None:
    ids = {
        slot: bench.call(
            "POST",
            "/credentials",
            {"name": slot, "type": "http_bearer", "data": {"token": f"key-of-{slot}"}},
            201,
        )["id"]
        for slot in ("account", "archive")
    }
    workflow_id = bench.activate("two_keys_feed", credentials=ids, board="a")
    with scheduling(settings):
        until(lambda: bench.row(workflow_id).cursor is not None, "it is polled")
        assert board.secrets == [("account", "key-of-account"), ("archive", "key-of-archive")]
        (key,) = held(bench)
        bench.call("POST", f"/workflows/{workflow_id}/activate")
        assert held(bench) == [key], "the same credentials want the same"
