"""What PostgreSQL gives up for the sake of others is done again, and nobody hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from layers.clock import SystemClock
from layers.database import Database
from layers.engine.metering import ADMITTED, Admission, Meter, Reservation, Start, Usage
from layers.engine.quotas import Quotas
from layers.settings import Settings
from tests.engine.harness import Stage, node, played
from tests.lock_waits import waits_for_a_lock

LOCK = text("SELECT id FROM executions WHERE id = :id FOR UPDATE")


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite has one writer at a time."""
    kind: str = request.param
    return kind


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker."""
    return Stage(settings, with_worker=False)


@played
async def test_a_cancel_in_a_deadlock_cancels(stage: Stage) -> None:
    saved = stage.save([node("start", "manual")])
    first, second = sorted([await stage.start(saved), await stage.start(saved)])
    with stage.parts.database.writing() as connection:
        # The other one is to be given up, not this.
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '1h'")
        connection.execute(LOCK, {"id": second})
        cancelling = asyncio.create_task(stage.engine.cancel((first, second)))
        await stage.until(lambda: waits_for_a_lock(stage.parts.database))
        # Held by who waits for what is held here: a circle.
        await asyncio.to_thread(connection.execute, LOCK, {"id": first})
    await cancelling
    assert [stage.row(name).status for name in (first, second)] == ["cancelled"] * 2


class CrowdedMeter:
    """Bounds everything, and is in others' way at first."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.reserved: list[str] = []

    def admit(self, connection: Connection, starts: Sequence[Start]) -> Sequence[Admission]:
        """Let all run."""
        return [ADMITTED] * len(starts)

    def record(self, connection: Connection, usages: Sequence[Usage]) -> None:
        """Forget them."""

    def release(self, connection: Connection, reservation_id: str) -> None:
        """Forget it."""

    def bound(
        self, connection: Connection, workspace_id: str, limit_name: str, now: float
    ) -> int | None:
        """There is no plan."""
        return None

    def is_bounded(
        self, connection: Connection, workspace_id: str, workflow_id: str, limit_name: str
    ) -> bool:
        """All is."""
        return True

    def reserve(self, connection: Connection, wish: Reservation, now: float) -> None:
        """Note it, unless somebody is in the way."""
        if self._states:
            cause = psycopg.errors.lookup(self._states.pop(0))("given up")
            raise OperationalError("SELECT", None, cause)
        self.reserved.append(wish.id)


@pytest.mark.parametrize(
    ("states", "reserved"),
    [(("40P01", "40001"), ["r"]), (("40P01",) * 9, None), (("57014",), None)],
    ids=["given up twice", "given up always", "another error"],
)
def test_a_reservation_is_tried_again(
    database: Database, states: Sequence[str], reserved: list[str] | None
) -> None:
    meter = CrowdedMeter(*states)
    wish = Reservation("r", "w", "f", "x", "ai_tokens", 1, 1.0)

    def reserve() -> None:
        asyncio.run(_quotas(meter, database).reserve(wish))

    if reserved is None:
        with pytest.raises(DBAPIError):
            reserve()
        assert meter.reserved == []
    else:
        reserve()
        assert meter.reserved == reserved


def _quotas(meter: Meter, database: Database) -> Quotas:
    return Quotas(meter, database, SystemClock())
