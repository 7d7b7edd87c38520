"""The workflows that the faults hit, and what each must have done in the end."""

from __future__ import annotations

from typing import Any

from tests.waiting import PATIENCE_S

Workflow = dict[str, Any]


def order(url: str) -> Workflow:
    """Answers at once, then has four effects: two side by side, two in a loop behind them.

    The loop's effects carry what the first two were answered, so that a second run of a finished
    step would show in what they say.
    """
    return {
        "name": "Order",
        "nodes": [
            _hook("order", "received"),
            {
                "id": "prepare",
                "type": "set",
                "params": {"fields": {"order": "{{ item.body.order }}"}, "keep": False},
            },
            effect(url, "charge", {"order": "{{ item.order }}"}),
            effect(url, "ship", {"order": "{{ item.order }}"}),
            {"id": "both", "type": "merge", "params": {"mode": "append"}},
            {"id": "each", "type": "loop", "params": {"batch_size": 1}},
            effect(url, "label", {"seen": "{{ item.body.sequence }}"}),
            {
                "id": "done",
                "type": "set",
                "params": {"fields": {"said": "{{ item.body.sequence }}"}, "keep": False},
            },
        ],
        "connections": [
            {"from": "hook", "to": "prepare"},
            {"from": "prepare", "to": "charge"},
            {"from": "prepare", "to": "ship"},
            {"from": "charge", "to": "both"},
            {"from": "ship", "to": "both"},
            {"from": "both", "to": "each"},
            {"from": "each", "from_port": "batch", "to": "label"},
            {"from": "label", "to": "each"},
            {"from": "each", "from_port": "done", "to": "done"},
        ],
    }


ORDER_EFFECTS = ("charge:0", "ship:0", "label:0", "label:1")


def answered(url: str) -> Workflow:
    """Runs in the gateway and answers with its last node, after an effect, a rest, an effect."""
    return {
        "name": "Answered",
        "nodes": [
            _hook("answered", "last_node"),
            effect(url, "charge", {"order": "{{ item.body.order }}"}),
            {"id": "rest", "type": "wait", "params": {"seconds": 1}},
            effect(url, "label", {"seen": "{{ item.body.sequence }}"}),
        ],
        "connections": [
            {"from": "hook", "to": "charge"},
            {"from": "charge", "to": "rest"},
            {"from": "rest", "to": "label"},
        ],
    }


ANSWERED_EFFECTS = ("charge:0", "label:0")


def scored(url: str) -> Workflow:
    """Has a Python step before its effect."""
    code = "def run(items):\n    return [{'order': i['body']['order'], 'score': 42} for i in items]"
    return {
        "name": "Scored",
        "nodes": [
            _hook("scored", "received"),
            {"id": "score", "type": "python", "params": {"code": code}},
            effect(url, "charge", {"order": "{{ item.order }}", "score": "{{ item.score }}"}),
        ],
        "connections": [{"from": "hook", "to": "score"}, {"from": "score", "to": "charge"}],
    }


SCORED_EFFECTS = ("charge:0",)


def ticking(url: str) -> Workflow:
    """Starts every second and makes up for every second that it missed."""
    return {
        "name": "Ticking",
        "nodes": [
            {
                "id": "clock",
                "type": "schedule",
                "params": {"every_s": 1, "missed": "all", "max_missed": 1000},
            },
            effect(url, "tick", {"instant": "{{ item.scheduled_at }}"}),
        ],
        "connections": [{"from": "clock", "to": "tick"}],
    }


TICKING_EFFECTS = ("tick:0",)


def rested(url: str) -> Workflow:
    """Has an effect, waits longer than anybody keeps it in memory, and has another."""
    return {
        "name": "Rested",
        "nodes": [
            _hook("rested", "received"),
            effect(url, "before", {"order": "{{ item.body.order }}"}),
            {"id": "rest", "type": "wait", "params": {"seconds": 3}},
            effect(url, "after", {"seen": "{{ item.body.sequence }}"}),
        ],
        "connections": [
            {"from": "hook", "to": "before"},
            {"from": "before", "to": "rest"},
            {"from": "rest", "to": "after"},
        ],
    }


RESTED_EFFECTS = ("before:0", "after:0")


def called_back(url: str) -> Workflow:
    """Tells its address to somebody outside, and goes on when that is called."""
    return {
        "name": "Called back",
        "nodes": [
            _hook("called-back", "received"),
            effect(url, "ask", {"callback": "{{ execution.callback_url }}"}),
            {"id": "rest", "type": "wait", "params": {"callback": True}},
            effect(url, "told", {"said": "{{ item.body.said }}"}),
        ],
        "connections": [
            {"from": "hook", "to": "ask"},
            {"from": "ask", "to": "rest"},
            {"from": "rest", "to": "told"},
        ],
    }


CALLED_BACK_EFFECTS = ("ask:0", "told:0")


def child(url: str) -> Workflow:
    """What ``parent`` calls."""
    return {
        "name": "Child",
        "nodes": [
            {"id": "called", "type": "workflow_trigger"},
            effect(url, "work", {"order": "{{ item.order }}"}),
        ],
        "connections": [{"from": "called", "to": "work"}],
    }


CHILD_EFFECTS = ("work:0",)


def parent(url: str, child_id: str) -> Workflow:
    """Calls another workflow and has an effect with what came back."""
    return {
        "name": "Parent",
        "nodes": [
            _hook("parent", "received"),
            {
                "id": "prepare",
                "type": "set",
                "params": {"fields": {"order": "{{ item.body.order }}"}, "keep": False},
            },
            {"id": "call", "type": "execute_workflow", "params": {"workflow_id": child_id}},
            effect(url, "report", {"seen": "{{ item.body.sequence }}"}),
        ],
        "connections": [
            {"from": "hook", "to": "prepare"},
            {"from": "prepare", "to": "call"},
            {"from": "call", "to": "report"},
        ],
    }


PARENT_EFFECTS = ("report:0",)


def single(url: str) -> Workflow:
    """May run once at a time, be it in a gateway that answers or in a worker."""
    return {
        "name": "Single",
        "settings": {"max_concurrency": 1},
        "nodes": [
            _hook("single", "received"),
            {**_hook("single-answered", "last_node"), "id": "asked"},
            effect(url, "alone", {"order": "{{ item.body.order }}"}),
        ],
        "connections": [{"from": "hook", "to": "alone"}, {"from": "asked", "to": "alone"}],
    }


SINGLE_EFFECTS = ("alone:0",)


def effect(url: str, name: str, body: dict[str, str], **more: Any) -> dict[str, Any]:
    """A request to the outside world that says which step it comes from."""
    # An answer that is only late, for a closed gate or on a loaded machine, is no failure.
    params = {
        "method": "POST",
        "url": url,
        "body": {"step": name, **body},
        "timeout_s": 2 * PATIENCE_S,
    }
    retry = {"max_attempts": 10, "delay_s": 0.2, "max_delay_s": 2}
    return {"id": name, "type": "http_request", "params": params, "retry": retry, **more}


def _hook(path: str, respond: str) -> dict[str, Any]:
    params = {"path": path, "respond": respond, "dedup_header": "X-Delivery"}
    return {"id": "hook", "type": "webhook", "params": params}
