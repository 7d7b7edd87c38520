"""PostgreSQL dies and comes back under load: callers may have to ask again, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.caller import AWAY
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.postgres_server import PostgresServer

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.timeout(300)]

EXPECTED = {
    "Order": workflows.ORDER_EFFECTS,
    "Answered": workflows.ANSWERED_EFFECTS,
    "Ticking": workflows.TICKING_EFFECTS,
}
RESTARTS = 3


@pytest.fixture
def mortal_postgres() -> Iterator[PostgresServer]:
    """A server of this test alone, which keeps what it has committed."""
    server = PostgresServer(durable=True)
    yield server
    server.stop()


def test_a_database_that_dies_under_load_loses_nothing(
    tmp_path: Path, mortal_postgres: PostgresServer
) -> None:
    effects = Effects(latency_s=0.05)
    url = mortal_postgres.url(mortal_postgres.create())
    with Instance(tmp_path, effects, TREADLE_DATABASE_URL=url) as instance:
        instance.open(workflows.order, workflows.answered, workflows.ticking)
        instance.start("worker-1")
        instance.start("scheduler-1")
        with instance.delivering() as deliver:
            for number in range(RESTARTS):
                deliver("order", [f"order-{number}-{i}" for i in range(20)])
                deliver("answered", [f"asked-{number}-{i}" for i in range(2)])
                instance.wait_accepted(20 * number + 10)
                mortal_postgres.crash()
                assert _refusal(instance) >= 500
                mortal_postgres.revive()
                instance.wait_ready()
        instance.settle()
        instance.stop("scheduler-1")
        instance.settle()
        for name in ("gateway-1", "worker-1"):
            assert instance.parts[name].process.poll() is None, f"{name} did not live through it"
        assert not instance.violations(EXPECTED)
    effects.stop()


def _refusal(instance: Instance) -> int:
    """What somebody is told who delivers an event while there is no database."""
    try:
        return instance.caller.send("order", "refused")[0]
    except AWAY:
        return 599
