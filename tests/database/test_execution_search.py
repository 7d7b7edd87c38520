"""Lists of executions by filters: right, page by page, and bounded in what a page looks at."""

from __future__ import annotations

import pytest

from layers.database import Database
from layers.database.repositories import execution_search
from layers.database.repositories.execution_search import ExecutionFilter
from layers.database.repositories.executions import Executions
from layers.database.repositories.scope import Window
from layers.database.repositories.workflow_overview import Overview
from tests.database.seeding import NOW, WORKSPACE, execution_id, seed, workflow_id

STATUSES = ["succeeded", "failed", "cancelled", "waiting", "queued", "interrupted", "running"] * 5
ALL = list(range(len(STATUSES)))


def of(*statuses: str) -> list[int]:
    return [number for number in ALL if STATUSES[number] in statuses]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (ExecutionFilter(), ALL),
        (ExecutionFilter(status=["waiting"]), of("waiting")),
        (ExecutionFilter(status=["succeeded"]), of("succeeded")),
        (ExecutionFilter(status=["failed", "queued"]), of("failed", "queued")),
        (ExecutionFilter(status=["failed", "succeeded"]), of("failed", "succeeded")),
        (ExecutionFilter(manual=True), ALL[::3]),
        (
            ExecutionFilter(status=["failed"], manual=False),
            [one for one in of("failed") if one % 3],
        ),
        (ExecutionFilter(error="BOOM"), of("failed")),
        (ExecutionFilter(error="boom 1"), [1, 15]),
        (ExecutionFilter(error="boom", status=["succeeded"]), []),
        (ExecutionFilter(error="boom_"), []),
        (ExecutionFilter(since=NOW - 3), [0, 1, 2, 3]),
        (ExecutionFilter(until=NOW - 30), ALL[31:]),
        (ExecutionFilter(since=NOW - 9, until=NOW - 1, status=["failed"]), [8]),
        (ExecutionFilter(workflow_id=workflow_id(1)), ALL[1::2]),
        (
            ExecutionFilter(workflow_id=workflow_id(1), status=["failed"]),
            [one for one in of("failed") if one % 2],
        ),
    ],
)
@pytest.mark.parametrize("looked_through", [4, 1_000])
def test_filters_find_the_same_page_by_page(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    wish: ExecutionFilter,
    expected: list[int],
    looked_through: int,
) -> None:
    monkeypatch.setattr(execution_search, "LOOKED_THROUGH", looked_through)
    seed(database, STATUSES, workflows=2)
    found: list[str] = []
    before = None
    with database.read() as session:
        executions = Executions(session, WORKSPACE)
        for _ in ALL:
            page = executions.search(wish, Window(2, before))
            assert len(page.rows) <= 2
            found += [row.id for row in page.rows]
            before = page.go_on
            if before is None:
                break
    assert before is None
    assert found == [execution_id(number) for number in expected]


def test_others_executions_are_not_found(database: Database) -> None:
    seed(database, STATUSES)
    with database.read() as session:
        for wish in (ExecutionFilter(), ExecutionFilter(status=["failed"])):
            assert Executions(session, "somebody").search(wish, Window()).rows == []


def test_each_workflow_shows_its_newest_execution(database: Database) -> None:
    seed(database, STATUSES, workflows=3)
    ids = [workflow_id(number) for number in range(4)]
    with database.read() as session:
        found = Overview(session, WORKSPACE, ids).last_executions
        assert Overview(session, "somebody", ids).last_executions == {}
    assert {workflow: row.id for workflow, row in found.items()} == {
        workflow_id(number): execution_id(number) for number in range(3)
    }
