"""Schedulers that are killed: what they were at is done by others, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layers.settings import Settings
from tests.triggers.conftest import Bench
from tests.triggers.scheduler_process import scheduler_process
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
LINES = ["one", "two", "three"]


def lines(path: Path, suffix: str) -> list[str]:
    found = path.with_suffix(suffix)
    return found.read_text().split() if found.exists() else []


def started(bench: Bench) -> list[str]:
    """The lines that executions were started for."""
    rows = bench.rows(
        "SELECT e.payload FROM executions x JOIN events e ON e.id = x.event_id ORDER BY x.id"
    )
    return [json.loads(row.payload)["items"][0]["line"] for row in rows]


@pytest.mark.parametrize("moment", ["poll.before_store", "poll.after_store"])
def test_a_kill_around_the_storing_loses_and_repeats_nothing(
    bench: Bench, settings: Settings, tmp_path: Path, moment: str
) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES))
    workflow_id = bench.activate("lines", path=str(path))
    with scheduler_process(settings, "scheduler-1", TREADLE_FAILPOINT=moment) as process:
        assert process.wait(200) == -9
    assert started(bench) == ([] if moment == "poll.before_store" else LINES)
    # Its successor in the slot waits for no lease to run out.
    with scheduler_process(settings, "scheduler-1"):
        until(lambda: len(lines(path, ".polls")) >= 2, "it is polled again")
        until(lambda: bench.row(workflow_id).lease_owner is None, "nobody polls any more")
        until(lambda: bench.row(workflow_id).cursor == "3", "the cursor has moved")
    assert started(bench) == LINES


def test_a_kill_in_the_midst_of_a_poll_beside_another_scheduler(
    bench: Bench, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES))
    path.with_suffix(".closed").touch()
    workflow_id = bench.activate("lines", path=str(path))
    with scheduler_process(settings, "scheduler-1") as first:
        until(lambda: lines(path, ".polls") == [str(first.pid)], "the first polls")
        with scheduler_process(settings, "scheduler-2") as second:
            first.kill()
            path.with_suffix(".closed").unlink()
            let_leases_run_out(bench)
            until(lambda: str(second.pid) in lines(path, ".polls"), "the second polls")
            until(lambda: bench.row(workflow_id).cursor == "3", "it stores what it has found")
    assert started(bench) == LINES


def test_of_two_schedulers_one_listens_and_after_its_death_the_other(
    bench: Bench, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("one")
    bench.activate("lines", path=str(path))
    with (
        scheduler_process(settings, "scheduler-1") as first,
        scheduler_process(settings, "scheduler-2") as second,
    ):
        both = {str(first.pid): first, str(second.pid): second}
        until(lambda: len(lines(path, ".listeners")) == 1, "one listens")
        until(lambda: started(bench) == ["one"], "it is polled")
        path.write_text("one\ntwo")
        until(lambda: started(bench) == ["one", "two"], "the listener has it polled at once")
        (pid,) = lines(path, ".listeners")
        both.pop(pid).kill()
        path.write_text("one\ntwo\nthree")
        let_leases_run_out(bench)
        until(lambda: len(lines(path, ".listeners")) == 2, "the other listens")
        until(lambda: started(bench) == LINES, "what came meanwhile is found")
        assert lines(path, ".listeners")[1] in both


def let_leases_run_out(bench: Bench) -> None:
    """Half a minute, for a listener, and a whole one for a poll, in a moment."""
    bench.write(
        "UPDATE triggers SET due_at = CASE WHEN lease_owner IS NULL THEN due_at ELSE 1 END,"
        " listen_due_at = CASE WHEN listen_due_at IS NULL THEN NULL ELSE 1 END"
    )
