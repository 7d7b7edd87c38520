"""Plans for random histories: small limits, and in every second history a trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXECUTIONS = {"free": 3, "pro": 5, "team": 10, "enterprise": None}


@pytest.fixture
def plans_file(tmp_path: Path, seed: int) -> Path:
    """The plans that are shipped, with few executions; histories of odd seeds have trials."""
    from layers.settings.billing import BUILT_IN_PLANS

    plans = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        plan["limits"]["executions"] = EXECUTIONS[plan["plan"]]
        plan["trial_days"] = plan["trial_days"] if seed % 2 else 0
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(plans))
    return path
