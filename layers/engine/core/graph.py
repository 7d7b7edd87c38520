"""The pure graph: who delivers to whom, and who can still be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


class EdgeLike(Protocol):
    """A connection by node indexes and ports."""

    @property
    def source(self) -> int: ...
    @property
    def source_port(self) -> str: ...
    @property
    def target(self) -> int: ...
    @property
    def target_port(self) -> str: ...


@dataclass(frozen=True)
class Graph:
    """The connections of a plan. Sets of nodes are bit masks, bit *i* for node *i*."""

    size: int
    targets: dict[tuple[int, str], tuple[tuple[int, str], ...]]
    """Where a port's items go: ``(node, port) → ((node, port), …)``."""
    ports_of: dict[int, tuple[str, ...]]
    """The connected input ports of each node, in order of their names."""
    feeders: dict[tuple[int, str], int]
    """The nodes from which an input port can be reached, arrows back into loops left out."""
    bodies: dict[int, int]
    """For each loop: the nodes of its body, on a way from its port ``batch`` back to it."""
    successors: tuple[int, ...]
    """For each node: those that it delivers to, arrows back into a loop left out."""
    roots: tuple[int, ...]
    """The nodes to which nothing is connected, arrows back into a loop left out."""
    back_edges: frozenset[tuple[int, int]]
    order: tuple[int, ...]
    """A topological order, arrows back into a loop left out; shorter than ``size`` on a cycle."""

    @classmethod
    def build(cls, size: int, edges: Iterable[EdgeLike], loops: set[int]) -> Graph:
        """Work the graph out."""
        edges = list(edges)
        targets: dict[tuple[int, str], list[tuple[int, str]]] = {}
        ports: dict[int, set[str]] = {}
        for edge in edges:
            targets.setdefault((edge.source, edge.source_port), []).append(
                (edge.target, edge.target_port)
            )
            ports.setdefault(edge.target, set()).add(edge.target_port)
        bodies = {loop: _body(loop, edges, size) for loop in loops}
        back = frozenset(
            (edge.source, edge.target)
            for edge in edges
            if edge.target in loops and bodies[edge.target] >> edge.source & 1
        )
        forward = [edge for edge in edges if (edge.source, edge.target) not in back]
        successors = _adjacent(((edge.source, edge.target) for edge in forward), size)
        predecessors = _adjacent(((edge.target, edge.source) for edge in forward), size)
        order = _order(successors, predecessors)
        upstream = _upstream(order, predecessors)
        feeders: dict[tuple[int, str], int] = {}
        for edge in forward:
            key = (edge.target, edge.target_port)
            feeders[key] = feeders.get(key, 0) | 1 << edge.source | upstream[edge.source]
        return cls(
            size=size,
            targets={key: tuple(value) for key, value in targets.items()},
            ports_of={node: tuple(sorted(names)) for node, names in ports.items()},
            feeders=feeders,
            bodies=bodies,
            successors=tuple(successors),
            roots=tuple(node for node in range(size) if not predecessors[node]),
            back_edges=back,
            order=order,
        )

    def reachable(self, start: int) -> int:
        """The nodes that a node's outputs can lead to, arrows back into loops included."""
        onward = [0] * self.size
        for (node, _port), targets in self.targets.items():
            for target, _to_port in targets:
                onward[node] |= 1 << target
        return _walk(set(bits(onward[start])), onward, self.size)


def bits(mask: int) -> Iterator[int]:
    """The nodes in a bit mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def find_cycle(graph: Graph) -> tuple[int, int] | None:
    """An arrow that closes a forbidden cycle, or None."""
    if len(graph.order) == graph.size:
        return None
    placed = set(graph.order)
    seen: set[int] = set()
    node = next(node for node in range(graph.size) if node not in placed)
    previous = node
    # What is left has at least one cycle upstream: walk against the arrows until one closes.
    while node not in seen:
        seen.add(node)
        previous = node
        node = next(
            source
            for source in range(graph.size)
            if source not in placed and graph.successors[source] >> previous & 1
        )
    return node, previous


def _adjacent(pairs: Iterable[tuple[int, int]], size: int) -> list[int]:
    masks = [0] * size
    for one, other in pairs:
        masks[one] |= 1 << other
    return masks


def _body(loop: int, edges: Sequence[EdgeLike], size: int) -> int:
    """The nodes on a way from the loop's port ``batch`` back to it that does not cross it."""
    entered = {edge.target for edge in edges if edge.source == loop and edge.source_port == "batch"}
    onward = _adjacent(((edge.source, edge.target) for edge in edges), size)
    inward = _adjacent(((edge.target, edge.source) for edge in edges), size)
    returning = set(bits(inward[loop]))
    return _walk(entered, onward, loop) & _walk(returning, inward, loop)


def _walk(starts: set[int], adjacent: Sequence[int], stop: int) -> int:
    found = 0
    waiting = [node for node in starts if node != stop]
    while waiting:
        node = waiting.pop()
        if found >> node & 1:
            continue
        found |= 1 << node
        waiting.extend(other for other in bits(adjacent[node]) if other != stop)
    return found


def _order(successors: Sequence[int], predecessors: Sequence[int]) -> tuple[int, ...]:
    incoming = [mask.bit_count() for mask in predecessors]
    ready = [node for node, count in enumerate(incoming) if not count]
    order: list[int] = []
    while ready:
        node = ready.pop()
        order.append(node)
        for target in bits(successors[node]):
            incoming[target] -= 1
            if not incoming[target]:
                ready.append(target)
    return tuple(order)


def _upstream(order: Sequence[int], predecessors: Sequence[int]) -> list[int]:
    upstream = [0] * len(predecessors)
    for node in order:
        for source in bits(predecessors[node]):
            upstream[node] |= 1 << source | upstream[source]
    return upstream
