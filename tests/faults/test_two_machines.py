"""``treadle up`` on two machines with one PostgreSQL: parts of the same names, and one of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.product import Product
from tests.postgres_server import PostgresServer
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.timeout(600)]

EXPECTED = {"Order": workflows.ORDER_EFFECTS}
ORDERS = 3
AT_ONCE = 2
"""Effects of an order that are under way side by side."""
LEASES = "SELECT id, due_at FROM executions WHERE status = 'running'"


def test_a_second_machine_repeats_nothing_that_the_first_one_runs(
    tmp_path: Path, effects: Effects, postgres_server: PostgresServer
) -> None:
    database = {"TREADLE_DATABASE_URL": postgres_server.url(postgres_server.create())}
    with (
        Product(tmp_path / "one", effects, **database) as first,
        Product(tmp_path / "two", effects, **database) as second,
    ):
        first.open(workflows.order)
        effects.close_gate()
        first.deliver("order", [f"first-{number}" for number in range(ORDERS)])
        until(lambda: len(effects.by_key()) == ORDERS * AT_ONCE, "the first one's effects")
        before = _leases(first)
        second.start()
        second.caller.accepted = first.caller.accepted
        second.deliver("order", [f"second-{number}" for number in range(ORDERS)])
        until(lambda: len(effects.by_key()) == 2 * ORDERS * AT_ONCE, "effects of both")
        until(lambda: all(_leases(first)[name] > due for name, due in before.items()), "renewals")
        effects.open_gate()
        first.settle()
        assert {len(calls) for calls in effects.by_key().values()} == {1}
        assert not first.violations(EXPECTED)
        second.stop()
        first.stop()


def _leases(product: Product) -> dict[str, float]:
    return {row.id: row.due_at for row in product.history.rows(LEASES)}
