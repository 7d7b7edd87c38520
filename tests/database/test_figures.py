"""What is told of the instance: open executions, and totals that never fall."""

from __future__ import annotations

from layers.database import Database
from layers.database.repositories.erasing import erase_ended
from layers.database.repositories.figures import count_up, open_executions, totals
from tests.database.seeding import NOW, WORKSPACE, execution_id, seed

STATUSES = ["queued", "waiting", "waiting", "failed", "succeeded", "succeeded", "cancelled"]
BEFORE = {"accepted": 0, "succeeded": 0, "failed": 0, "cancelled": 0}


def counted(database: Database, to: float) -> dict[str, int]:
    with database.writing() as connection:
        count_up(connection, to)
        return totals(connection)


def begin(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE instance_totals SET number = 0, counted_to = {NOW - 100}"
        )


def test_open_ones_are_counted_as_they_are(database: Database) -> None:
    seed(database, STATUSES)
    with database.reading() as connection:
        assert open_executions(connection) == {"queued": 1, "waiting": 2}


def test_each_counts_once_and_stays_counted(database: Database) -> None:
    begin(database)
    seed(database, STATUSES)
    assert counted(database, NOW - 100) == BEFORE
    assert counted(database, NOW - 4.5) == BEFORE | {
        "accepted": 2,
        "succeeded": 1,
        "cancelled": 1,
    }
    everything = {"accepted": 7, "succeeded": 2, "failed": 1, "cancelled": 1}
    assert counted(database, NOW + 1) == everything
    assert counted(database, NOW + 1) == everything
    assert counted(database, NOW - 50) == everything, "a clock that goes back counts nothing again"
    with database.writing() as connection:
        erased = erase_ended(connection, WORKSPACE, [execution_id(n) for n in range(7)])
    assert erased == 4
    assert counted(database, NOW + 2) == everything
