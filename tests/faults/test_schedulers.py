"""Two schedulers at once: each instant starts one execution."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {"Ticking": workflows.TICKING_EFFECTS}


def test_two_schedulers_start_one_execution_an_instant(tmp_path: Path, effects: Effects) -> None:
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.ticking)
        instance.start("worker-1")
        instance.start("scheduler-1")
        instance.start("scheduler-2")
        until(lambda: len(_instants(instance)) >= 4, "four instants")
        instance.kill("scheduler-1")
        until(lambda: len(_instants(instance)) >= 6, "two more by the one that is left")
        instance.stop("scheduler-2")
        instance.settle()
        instants = _instants(instance)
        assert len(instants) == len(set(instants))
        assert _gaps(instants) == []
        assert not instance.violations(EXPECTED)


def _instants(instance: Instance) -> list[float]:
    """The instants that started something, in their order, one for each execution."""
    rows = instance.history.rows("SELECT payload FROM events ORDER BY received_at, dedup_key")
    items = [json.loads(row.payload)["items"][0] for row in rows]
    return sorted(datetime.fromisoformat(item["scheduled_at"]).timestamp() for item in items)


def _gaps(instants: list[float]) -> list[float]:
    pairs = pairwise(instants)
    return [later - earlier for earlier, later in pairs if later - earlier != 1]
