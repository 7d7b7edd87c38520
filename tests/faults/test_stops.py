"""Parts are asked to stop under load, as at every deployment: nothing fails, all goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {"Order": workflows.ORDER_EFFECTS, "Answered": workflows.ANSWERED_EFFECTS}
ROUNDS = 5


def test_stopping_under_load_fails_nothing(tmp_path: Path) -> None:
    effects = Effects(latency_s=0.05)
    with Product(tmp_path, effects) as product:
        product.open(workflows.order, workflows.answered)
        with product.delivering() as deliver:
            for number in range(ROUNDS):
                deliver("order", [f"order-{number}-{i}" for i in range(20)])
                deliver("answered", [f"asked-{number}-{i}" for i in range(2)])
                product.wait_accepted(20 * number + 10)
                product.stop()
                product.start()
        product.settle()
        assert not product.violations(EXPECTED)
        crashes = product.history.rows("SELECT max(crashes) AS most FROM executions")
        assert crashes[0].most == 0, "what was stopped in order counts as crashed"
    effects.stop()
