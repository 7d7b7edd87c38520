"""A worker that was frozen past its lease wakes up: it changes nothing any more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {"Order": workflows.ORDER_EFFECTS}
ORDERS = [f"order-{number}" for number in range(3)]


def test_a_worker_that_wakes_up_late_writes_nothing(tmp_path: Path, effects: Effects) -> None:
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.order)
        zombie = instance.start("worker-1")
        _freeze_in_the_middle(instance)
        begun = _requests(effects)
        instance.start("worker-2")
        # Once its lease has run out, each of the six effects is begun again, under the same key.
        until(
            lambda: all(_requests(effects)[key] > count for key, count in begun.items()),
            lambda: f"the second worker's requests beside {begun}: {_requests(effects)}",
        )
        assert set(_requests(effects)) == set(begun)
        effects.open_gate()
        instance.settle()
        before = instance.history.rows("SELECT * FROM observed ORDER BY number")
        instance.thaw("worker-1")
        zombie.says("lease_lost", times=3)
        assert instance.stop("worker-1") == 0
        assert instance.history.rows("SELECT * FROM observed ORDER BY number") == before
        assert not instance.violations(EXPECTED)
        attempts = instance.history.rows("SELECT DISTINCT attempt FROM steps WHERE node_id='ship'")
        assert [row.attempt for row in attempts] == [2]


def test_a_worker_that_wakes_up_alone_goes_on_once(tmp_path: Path, effects: Effects) -> None:
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.order)
        instance.start("worker-1")
        _freeze_in_the_middle(instance)
        until(lambda: _leases_that_ran_out(instance) == 3, "leases that ran out")
        instance.thaw("worker-1")
        effects.open_gate()
        instance.settle()
        assert not instance.violations(EXPECTED)


def _freeze_in_the_middle(instance: Instance) -> None:
    """Freeze the first worker while the effects of three orders are under way."""
    instance.effects.close_gate()
    instance.deliver("order", ORDERS)
    until(lambda: len(instance.effects.by_key()) == 6, "the first worker's requests")
    instance.freeze("worker-1")


def _requests(effects: Effects) -> Counter[str]:
    """How many requests have come under each key."""
    return Counter(call.key for call in effects.calls())


def _leases_that_ran_out(instance: Instance) -> int:
    found = instance.history.rows(
        "SELECT id FROM executions WHERE status = 'running'"
        " AND due_at < (julianday('now') - 2440587.5) * 86400"
    )
    return len(found)
