"""Random small workflows, put together of blocks that have one way in and some ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from layers.contract import Item
from layers.engine.core.state import Activation
from tests.engine.harness import node
from tests.engine.model_process import StepFails

MOST_ITEMS = 12
SOME_WORKFLOW = "01890a5d-ac96-774b-bcce-b302099a8057"
STEPS = (
    *("map", "drop", "more", "keyed", "unsafe", "flaky", "wait", "short", "callback", "caught"),
    "call",
)
TYPES = {
    "map": "no_op",
    "drop": "no_op",
    "more": "no_op",
    "flaky": "keyed",
    "caught": "keyed",
    "call": "execute_workflow",
}
WAITS: dict[str, dict[str, Any]] = {
    "wait": {"seconds": 60},
    "short": {"seconds": 0.5},
    "callback": {"callback": True},
}


@dataclass
class Sketch:
    """A workflow in the making. ``kind_of`` says how each node behaves."""

    nodes: list[dict[str, Any]] = field(default_factory=lambda: [node("start", "manual")])
    ways: list[str] = field(default_factory=list)
    races: bool = False
    """What comes out may depend on which of two ways is the faster one."""

    def add(self, kind: str, node_type: str, **more: Any) -> str:
        """A new node; its name begins with its kind."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(node(name, node_type, **more))
        return name

    def connect(self, sources: Sequence[str], target: str) -> None:
        """From these ports to a node, once."""
        ways = (f"{source} -> {target}" for source in sources)
        self.ways.extend(way for way in ways if way not in self.ways)


@st.composite
def workflows(draw: st.DrawFn) -> Sketch:
    """Draw a workflow of at most some twenty nodes."""
    sketch = Sketch()
    sketch.races = draw(st.booleans())
    modes = ["append", "position", *(["any"] if sketch.races else [])]
    outs = ["start"]
    for _ in range(draw(st.integers(1, 3))):
        outs = _block(draw, sketch, outs, modes, 2)
    if sketch.races and draw(st.booleans()):
        # A second arrival at some node: it then runs twice.
        sketch.connect(["start"], draw(st.sampled_from([n["id"] for n in sketch.nodes[1:]])))
    if draw(st.integers(0, 4)) == 0:
        sketch.connect(outs, sketch.add("fails", "keyed"))
    return sketch


def _block(
    draw: st.DrawFn, sketch: Sketch, outs: list[str], modes: list[str], depth: int
) -> list[str]:
    shape = draw(st.sampled_from(["step", "step", "branch", "parallel", "loop"]))
    if shape == "step" or depth == 0:
        return _step(draw, sketch, outs)
    if shape == "loop":
        loop = sketch.add("loop", "loop", params={"batch_size": draw(st.integers(1, 2))})
        sketch.connect(outs, loop)
        sketch.connect(_block(draw, sketch, [f"{loop}:batch"], modes, depth - 1), loop)
        return [f"{loop}:done"]
    if shape == "branch":
        fork = sketch.add("if", "if", params={"condition": "item.v"})
        sides = [[f"{fork}:true"], [f"{fork}:false"]]
    else:
        fork = sketch.add("map", "no_op")
        sides = [[fork], [fork]]
    sketch.connect(outs, fork)
    ends = [_block(draw, sketch, side, modes, depth - 1) for side in sides]
    mode = draw(st.sampled_from(modes))
    merge = sketch.add(mode, "merge", params={"mode": mode})
    for port, end in zip("ab", ends, strict=True):
        sketch.connect(end, f"{merge}:{port}")
    return [merge]


def _step(draw: st.DrawFn, sketch: Sketch, outs: list[str]) -> list[str]:
    kind = draw(st.sampled_from(STEPS))
    more: dict[str, Any] = {}
    if kind == "flaky":
        more["retry"] = {"max_attempts": 50, "delay_s": draw(st.sampled_from([0.1, 30.0]))}
    if kind == "caught":
        more["on_error"] = draw(st.sampled_from(["continue", "error_port"]))
    if kind == "call":
        more["params"] = {"workflow_id": SOME_WORKFLOW}
    if kind in WAITS:
        name = sketch.add(kind, "wait", params=WAITS[kind])
    else:
        name = sketch.add(kind, TYPES.get(kind, kind), **more)
    sketch.connect(outs, name)
    return [name, f"{name}:error"] if more.get("on_error") == "error_port" else [name]


def behave(name: str, activation: Activation, tried: int) -> Mapping[str, Sequence[Any]]:
    """What a node gives: always the same for the same items, after some tries at most."""
    kind = name.partition("_")[0]
    items = [item for part in activation.arrivals.values() for item in part]
    if kind == "flaky" and tried < 2:
        raise StepFails("not yet")
    if kind in ("fails", "caught"):
        raise StepFails("never")
    if kind == "if":
        return {
            "true": [item for item in items if _value(item) % 2],
            "false": [item for item in items if not _value(item) % 2],
        }
    if kind == "loop":
        size = 1 if len(items) % 2 else 2
        return {"batch": items[:size]}
    if kind == "position":
        lists = [list(part) for _port, part in sorted(activation.arrivals.items())]
        return {"main": [item for pair in zip(*lists, strict=False) for item in pair]}
    if kind == "drop":
        return {"main": [item for item in items if _value(item) % 3]}
    if kind == "more":
        return {"main": [*items, *items][:MOST_ITEMS]}
    if kind == "start":
        return {"main": items}
    return {"main": [Item({"v": _value(item) + 1}) for item in items]}


def _value(item: Item) -> int:
    return int(item["v"])
