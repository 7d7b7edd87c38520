"""The addresses of an execution's waits, as expressions see them before they are reached."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation, State

MakeUrl = Callable[[str | None, int], str]


class CallbackAddresses(Mapping[str, str]):
    """``execution.callback_urls``: by a node's id, or its name, the address of its wait.

    Seen from a step before the wait that is the next one: in a loop each round has its own. Seen
    from the wait itself, or from beside it, it is the one that waits.
    """

    def __init__(self, state: State, activation: Activation, make: MakeUrl) -> None:
        self._state = state
        self._plan = state.plan
        self._activation = activation
        self._make = make

    def __getitem__(self, key: str) -> str:
        index = self._plan.index_of.get(key)
        if index is None:
            named = [node for node in self._waits() if node.definition.name == key]
            if len(named) != 1:
                raise KeyError(key)
            index = named[0].index
        return self._of(index)

    def __iter__(self) -> Iterator[str]:
        return (node.id for node in self._waits())

    def __len__(self) -> int:
        return len(self._waits())

    def nearest(self) -> str:
        """``execution.callback_url``: of the wait that comes next behind this step.

        Where none comes it is that of the workflow's only one, or of the one that waits; else the
        execution's own.
        """
        waits = {node.index for node in self._waits()}
        found = self._next(waits)
        if found is None and len(waits) == 1:
            found = next(iter(waits))
        if found is None:
            active = sorted(key for key in self._state.active if key[0] in waits)
            found = active[0][0] if active else None
        return self._make(None, 0) if found is None else self._of(found)

    def _of(self, index: int) -> str:
        return self._make(self._plan.nodes[index].id, self._run_of(index))

    def _run_of(self, index: int) -> int:
        here = self._activation
        if here.node == index:
            return here.run
        coming = self._state.runs.get(index, 0)
        if self._plan.graph.reachable(here.node) >> index & 1:
            return coming
        waiting = sorted(run for node, run in self._state.active if node == index)
        return waiting[0] if waiting else coming

    def _waits(self) -> list[PlanNode]:
        return [node for node in self._plan.nodes if waits_for_call(node)]

    def _next(self, waits: set[int]) -> int | None:
        """The wait with the fewest arrows between, the earlier of two in the document."""
        onward: dict[int, set[int]] = {}
        for (node, _port), targets in self._plan.graph.targets.items():
            onward.setdefault(node, set()).update(target for target, _to_port in targets)
        seen = {self._activation.node}
        line = deque(seen)
        while line:
            node = line.popleft()
            if node in waits:
                return node
            for target in sorted(onward.get(node, ())):
                if target not in seen:
                    seen.add(target)
                    line.append(target)
        return None


def waits_for_call(node: PlanNode) -> bool:
    """Say whether a node declares that it waits for a call with these parameters."""
    return node.traits.call_rules is not None and not node.definition.disabled
