"""Plays the pure core alone: node behaviour by script, time by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.catalogue import NO_WORKSPACE, Catalogue, catalogue_of
from layers.contract import Item
from layers.engine.core.decide import decide
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.core.state import (
    Activation,
    Event,
    Failed,
    Finish,
    RetryAt,
    Started,
    State,
    StepError,
    Succeeded,
)
from tests.engine.harness import workflow
from tests.engine.world import World

Outputs = Mapping[str, Sequence[Any]]
CATALOGUE = catalogue_of(World().registry())


def plan_of(
    nodes: Sequence[dict[str, Any]],
    connections: Sequence[str | dict[str, Any]] = (),
    catalogue: Catalogue = CATALOGUE,
) -> Plan:
    """Compile a workflow."""
    return compile_plan(workflow(nodes, connections), catalogue, NO_WORKSPACE)


@dataclass
class Player:
    """Feeds ``decide`` until it ends; ``acts[node id]`` gives a step's outputs or raises.

    Without an act a node passes on what arrived; a loop hands out one item at a time.
    ``seen`` records every step: its name and the items that arrived, by port.
    """

    plan: Plan
    acts: dict[str, Callable[[Activation], Outputs]] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, list[Any]]]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    budget: int = 10_000
    seed: str = "seed"
    last_first: bool = False
    """Take the newest ready step first, as a step that finishes sooner than others."""

    def play(self, *items: Any, start: str | None = None) -> Finish:
        """Run to the end; items may be bare values."""
        state = State(self.plan, seed=self.seed, step_budget=self.budget)
        node = None if start is None else self.plan.index_of[start]
        given = _items(items or ({},))
        state, commands = decide(state, Started(node, given), 0.0)
        ready: list[Activation] = []
        while True:
            for command in commands:
                if isinstance(command, Finish):
                    self.state = state
                    return command
                if isinstance(command, RetryAt):
                    self.delays.append(command.moment)
                ready.append(command.activation)
            assert ready, "Nothing is ready, and yet it has not ended."
            activation = ready.pop() if self.last_first else ready.pop(0)
            state, commands = decide(state, self._event(activation), 0.0)

    def _event(self, activation: Activation) -> Event:
        name = self.plan.nodes[activation.node].id
        arrived = {port: _bare(items) for port, items in activation.arrivals.items()}
        self.seen.append((name, arrived))
        try:
            outputs = self._outputs(name, activation)
        except core_error as error:
            return Failed(activation.key, error.error)
        made = {port: _items(items) for port, items in outputs.items() if items}
        return Succeeded(activation.key, made)

    def _outputs(self, name: str, activation: Activation) -> Outputs:
        items = [item for part in activation.arrivals.values() for item in part]
        node = self.plan.nodes[activation.node]
        if activation.loop_done:
            return {"done": items}
        if name in self.acts:
            return self.acts[name](activation)
        if node.is_loop:
            return {"batch": items[:1]}
        return {node.outputs[0] if node.outputs else "main": items}

    def ran(self, name: str) -> list[dict[str, list[Any]]]:
        """What arrived at each run of a node."""
        return [arrived for seen, arrived in self.seen if seen == name]

    @property
    def leaves(self) -> dict[str, list[Any]]:
        """The last output of the nodes that nothing was behind."""
        return {
            self.plan.nodes[index].id: _bare(leaf.items)
            for index, leaf in self.state.leaves.items()
        }


class core_error(Exception):
    """A step fails with this."""

    def __init__(self, message: str = "no", **more: Any) -> None:
        self.error = StepError(message, **more)


def values(activation: Activation) -> list[Any]:
    """All that arrived, bare."""
    return [value for part in activation.arrivals.values() for value in _bare(part)]


def _items(given: Sequence[Any]) -> list[Item]:
    return [Item(one) if isinstance(one, dict) else Item({"v": one}) for one in given]


def _bare(items: Sequence[Any]) -> list[Any]:
    return [item["v"] if set(item) == {"v"} else dict(item) for item in items]
