"""The workflows that are measured, each with a request and the answer it must give."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Json = Any

ORDER: Json = {"who": "ada", "n": 2, "email": "ada@example.com", "tags": ["new", "eu"]}
ANSWER: Json = {"who": "ada", "n": 4, "greeting": "hello ada 2"}
SCORE = "def run(items):\n    return [{**item, 'total': item['body']['n'] * 2} for item in items]\n"


@dataclass(frozen=True)
class Case:
    """One workflow under load. ``answer`` None: accepted with 202 and an execution's id."""

    key: str
    title: str
    workflow: Json
    body: Json
    answer: Json
    connections: tuple[int, ...]

    @property
    def path(self) -> str:
        """Where its webhook listens."""
        return f"/hooks/bench-{self.key}"


def _workflow(key: str, respond: str, nodes: list[Json], connections: list[Json]) -> Json:
    params = {"path": f"bench-{key}", "method": "POST", "respond": respond}
    hook = {"id": "hook", "type": "webhook", "params": params}
    return {"name": f"Bench {key}", "nodes": [hook, *nodes], "connections": connections}


def _set(node_id: str, fields: Json, *, keep: bool = True) -> Json:
    return {"id": node_id, "type": "set", "params": {"fields": fields, "keep": keep}}


def _line(*ids: str, port: tuple[str, str] | None = None) -> list[Json]:
    """Connections along a line of nodes; ``port`` is a node and the port it is left by."""
    found: list[Json] = [{"from": a, "to": b} for a, b in pairwise(ids)]
    for connection in found:
        if port is not None and connection["from"] == port[0]:
            connection["from_port"] = port[1]
    return found


_GREET = _set("greet", {"greeting": "hello {{ item.body.who }} {{ item.body.n }}"})
_IF = {"id": "big", "type": "if", "params": {"condition": "item.body.n > 1"}}
_TOTAL = _set("total", {"total": "{{ item.body.n * 2 }}"})
_SCORE = {"id": "total", "type": "python", "params": {"code": SCORE}}
_SHAPE = _set(
    "shape",
    {"who": "{{ item.body.who }}", "n": "{{ item.total }}", "greeting": "{{ item.greeting }}"},
    keep=False,
)
_FIVE = _line("hook", "greet", "big", "total", "shape", port=("big", "true"))
_HUNDRED = list(range(1, 101))

CASES = (
    Case(
        "a",
        "webhook received: webhook, set",
        _workflow("a", "received", [_GREET], _line("hook", "greet")),
        ORDER,
        None,
        (1, 32),
    ),
    Case(
        "b",
        "answers with its last node: webhook, set, if, set, set",
        _workflow("b", "last_node", [_GREET, _IF, _TOTAL, _SHAPE], _FIVE),
        ORDER,
        ANSWER,
        (1, 32),
    ),
    Case(
        "c",
        "the same with Python: webhook, set, if, python, set",
        _workflow("c", "last_node", [_GREET, _IF, _SCORE, _SHAPE], _FIVE),
        ORDER,
        ANSWER,
        (1, 4),
    ),
    Case(
        "d",
        "a loop over 100 items one at a time: webhook, split_out, loop, set, aggregate",
        _workflow(
            "d",
            "last_node",
            [
                {"id": "split", "type": "split_out", "params": {"field": "body.v"}},
                {"id": "each", "type": "loop", "params": {"batch_size": 1}},
                _set("add", {"w": "{{ item.v + 1 }}"}),
                {"id": "all", "type": "aggregate", "params": {"into": "items"}},
            ],
            [
                *_line("hook", "split", "each"),
                {"from": "each", "from_port": "batch", "to": "add"},
                {"from": "add", "to": "each"},
                {"from": "each", "from_port": "done", "to": "all"},
            ],
        ),
        {"v": _HUNDRED},
        {"items": [{"v": v, "w": v + 1} for v in _HUNDRED]},
        (1,),
    ),
)
