"""A crash during an effect that must not be repeated: a person decides what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

STAGE = "tests.faults.stage"


def mail(url: str) -> dict[str, Any]:
    return {
        "name": "Mail",
        "nodes": [
            {
                "id": "hook",
                "type": "webhook",
                "params": {"path": "mail", "dedup_header": "X-Delivery"},
            },
            {"id": "send", "type": "send", "params": {"url": url}},
            {
                "id": "after",
                "type": "set",
                "params": {"fields": {"done": "{{ item.get('by', 'send') }}"}, "keep": False},
            },
        ],
        "connections": [{"from": "hook", "to": "send"}, {"from": "send", "to": "after"}],
    }


@pytest.fixture
def instance(tmp_path: Path, effects: Effects) -> Iterator[Instance]:
    """An instance whose worker died while ``send`` was under way, and was started again."""
    with Instance(tmp_path, effects) as opened:
        opened.start("gateway-1", STAGE)
        opened.history.observe()
        opened.caller.sign_up()
        opened.caller.publish(mail(effects.url))
        opened.start("worker-1", STAGE)
        effects.close_gate()
        opened.deliver("mail", ["letter"])
        until(lambda: effects.calls(), "the sending")
        opened.kill("worker-1")
        effects.open_gate()
        opened.start("worker-1", STAGE)
        until(lambda: status(opened) == "interrupted", lambda: opened.log("worker-1"))
        assert len(effects.calls()) == 1, "it was sent again although nobody asked for it"
        yield opened


def execution(instance: Instance) -> dict[str, Any]:
    found: dict[str, Any] = instance.caller.expect(
        200, "GET", f"/executions/{instance.caller.accepted['letter']}"
    )
    return found


def status(instance: Instance) -> str:
    return str(execution(instance)["status"])


def step(instance: Instance, node_id: str) -> dict[str, Any]:
    return next(s for s in execution(instance)["steps"] if s["node_id"] == node_id)


def decide(instance: Instance, **decision: Any) -> None:
    path = f"/executions/{instance.caller.accepted['letter']}/resolve"
    instance.caller.expect(202, "POST", path, {"node_id": "send", **decision})


def test_it_can_be_run_again(instance: Instance) -> None:
    assert step(instance, "send")["status"] == "interrupted"
    decide(instance, decision="retry")
    until(lambda: status(instance) == "succeeded", lambda: str(execution(instance)))
    assert [call.key for call in instance.effects.calls()] == [instance.effects.calls()[0].key] * 2
    assert step(instance, "send")["attempt"] == 2
    assert execution(instance)["output"] == [{"done": "send"}]


def test_it_can_be_skipped_with_an_output(instance: Instance) -> None:
    decide(instance, decision="skip", output=[{"by": "hand"}])
    until(lambda: status(instance) == "succeeded", lambda: str(execution(instance)))
    assert len(instance.effects.calls()) == 1
    assert execution(instance)["output"] == [{"done": "hand"}]


def test_it_can_be_failed(instance: Instance) -> None:
    decide(instance, decision="fail")
    until(lambda: status(instance) == "failed", lambda: str(execution(instance)))
    assert len(instance.effects.calls()) == 1
    assert execution(instance)["error"]["node_id"] == "send"
    assert step(instance, "send")["status"] == "failed"


def test_it_can_be_cancelled(instance: Instance) -> None:
    path = f"/executions/{instance.caller.accepted['letter']}/cancel"
    instance.caller.expect(202, "POST", path)
    until(lambda: status(instance) == "cancelled", lambda: str(execution(instance)))
    assert step(instance, "send")["status"] == "cancelled"


def test_a_decision_outlives_further_crashes(instance: Instance) -> None:
    instance.kill("worker-1")
    decide(instance, decision="skip", output=[{"by": "hand"}])
    assert (
        instance.caller.call(
            "POST",
            f"/api/v1/executions/{instance.caller.accepted['letter']}/resolve",
            {"node_id": "after", "decision": "retry"},
        )[0]
        == 409
    )
    instance.start("worker-1", STAGE, TREADLE_FAILPOINT="Record.before_commit@1")
    until(lambda: instance.parts["worker-1"].process.poll() is not None, "the second crash")
    instance.start("worker-1", STAGE)
    until(lambda: status(instance) == "succeeded", lambda: str(execution(instance)))
    assert len(instance.effects.calls()) == 1
