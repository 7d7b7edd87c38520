"""The service that a step calls fails, sheds load or hangs up: the step tries again, same key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import RESET, Effects, Fault
from tests.faults.instance import Instance

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {"Order": workflows.ORDER_EFFECTS}


def test_what_the_world_refuses_is_tried_again_under_one_key(
    tmp_path: Path, effects: Effects
) -> None:
    effects.script("charge", Fault(500), RESET, Fault(503))
    effects.script("ship", Fault(429, retry_after=1))
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.order)
        instance.start("worker-1")
        instance.deliver("order", ["order-1"])
        instance.settle()
        assert not instance.violations(EXPECTED)
        tried = {key.partition(":")[2]: len(made) for key, made in effects.by_key().items()}
        assert tried == {"charge:0": 4, "ship:0": 2, "label:0": 1, "label:1": 1}
        steps = instance.history.rows("SELECT node_id, attempt FROM steps WHERE attempt > 1")
        assert {step.node_id: step.attempt for step in steps} == {"charge": 4, "ship": 2}
