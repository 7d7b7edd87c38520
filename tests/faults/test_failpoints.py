"""A part dies right before and right after each commit; nothing is lost, nothing happens twice."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.instance import Deliveries, Instance
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {
    "Order": workflows.ORDER_EFFECTS,
    "Answered": workflows.ANSWERED_EFFECTS,
    "Ticking": workflows.TICKING_EFFECTS,
}
CRASHES = {
    "gateway-1": [
        *("Accept.before_commit@1", "Accept.before_commit@2"),
        *("Accept.after_commit@1", "Accept.after_commit@2"),
        *("Record.before_commit@1", "Record.before_commit@3"),
        *("Record.after_commit@1", "Record.after_commit@2", "Record.after_commit@4"),
        *("Lease.before_commit@1", "Lease.after_commit@1"),
        *("Renew.before_commit@1", "Renew.after_commit@1"),
    ],
    "worker-1": [
        *("Lease.before_commit@2", "Lease.after_commit@2"),
        *("Record.before_commit@1", "Record.before_commit@2", "Record.before_commit@4"),
        *("Record.after_commit@1", "Record.after_commit@2", "Record.after_commit@5"),
        *("Renew.before_commit@1", "Renew.after_commit@1"),
    ],
    "scheduler-1": ["poll.before_store@1", "poll.before_store@2", "poll.after_store@1"],
}


@pytest.mark.parametrize("victim", CRASHES)
def test_crashes_at_every_commit_lose_and_repeat_nothing(
    victim: str, tmp_path: Path, effects: Effects
) -> None:
    with Instance(tmp_path, effects, TREADLE_BILLING="open") as instance:
        instance.open(workflows.order, workflows.answered, workflows.ticking)
        for part in ("worker-1", "scheduler-1"):
            instance.start(part)
        instance.stop(victim)
        with instance.delivering() as deliver:
            for number, point in enumerate(CRASHES[victim]):
                _die(instance, victim, point, deliver, str(number))
            instance.start(victim)
        instance.settle()
        assert not instance.violations(EXPECTED)
        assert not instance.history.miscounts()


def _die(instance: Instance, victim: str, point: str, deliver: Deliveries, number: str) -> None:
    """Run the victim under load until it dies at the point."""
    if point.startswith("Renew"):
        # Only what runs for a while has its lease renewed.
        instance.effects.close_gate()
    dying = instance.start(victim, TREADLE_FAILPOINT=point)
    deliver("order", [f"order-{number}-{i}" for i in range(3)])
    deliver("answered", [f"asked-{number}-{i}" for i in range(2)])
    more = count()

    def is_dead() -> bool:
        if deliver.arrived:
            # How many commits these events make is a matter of grouping: go on until it is hit.
            name = f"{number}-more-{next(more)}"
            deliver("order", [f"order-{name}"])
            deliver("answered", [f"asked-{name}"])
        return dying.process.poll() is not None

    until(
        is_dead,
        lambda: f"the end of {victim} at {point}\n{instance.log(victim)}",
    )
    assert dying.finish() == -9, f"{victim} did not die at {point}"
    instance.effects.open_gate()
