"""A worker is killed among a step's items: those whose results are on record are not sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.faults.workflows import effect
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

COUNT = 12


def labels(url: str) -> dict[str, Any]:
    """Makes items of one event and has an effect for each, one after the other."""
    label = effect(url, "label", {"n": "{{ item.n }}"})
    label["params"] |= {"concurrency": 1}
    rows = {"rows": [{"n": number} for number in range(COUNT)]}
    hook = {"path": "labels", "dedup_header": "X-Delivery"}
    return {
        "name": "Labels",
        "nodes": [
            {"id": "hook", "type": "webhook", "params": hook},
            {"id": "make", "type": "set", "params": {"fields": rows, "keep": False}},
            {"id": "each", "type": "split_out", "params": {"field": "rows"}},
            label,
        ],
        "connections": [
            {"from": "hook", "to": "make"},
            {"from": "make", "to": "each"},
            {"from": "each", "to": "label"},
        ],
    }


def on_record(instance: Instance) -> set[int]:
    rows = instance.history.rows("SELECT output FROM step_parts WHERE output IS NOT NULL")
    return {int(index) for row in rows for index in json.loads(row.output)}


def die_among_items(instance: Instance, results: int) -> None:
    """Kill the worker when so many results are on record, and see what its successor sends."""
    effects = instance.effects
    until(lambda: len(on_record(instance)) >= results, lambda: instance.log("worker-1"))
    effects.close_gate()
    instance.kill("worker-1")
    known, sent = on_record(instance), len(effects.calls())
    assert len(known) < COUNT, "It has to die in the middle."
    effects.open_gate()
    instance.start("worker-1")
    until(lambda: len(effects.calls()) > sent, lambda: instance.log("worker-1"))
    assert not known & {call.body["n"] for call in effects.calls()[sent:]}


def test_a_kill_among_items_repeats_only_those_that_are_not_on_record(tmp_path: Path) -> None:
    effects = Effects(latency_s=0.1)
    try:
        with Instance(tmp_path, effects) as instance:
            instance.open(labels)
            instance.start("worker-1")
            instance.deliver("labels", ["order"])
            die_among_items(instance, 2)
            die_among_items(instance, 5)
            instance.settle()
            execution_id = instance.caller.accepted["order"]
            done = instance.caller.expect(200, "GET", f"/executions/{execution_id}")
            assert done["status"] == "succeeded"
            assert len(done["output"]) == COUNT
            keys = {(call.body["n"], call.key) for call in effects.calls()}
            assert len(keys) == COUNT, "An item's key stays its own."
            assert not on_record(instance), "The step's own row says it all in the end."
    finally:
        effects.stop()
