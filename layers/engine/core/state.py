"""What the engine's core knows and says: steps, events, commands and the state between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from layers.contract import Item
from layers.engine.core.plan import Plan

Key: TypeAlias = tuple[int, int]
"""A step: the node's index and how many times that node was activated before."""


@dataclass(frozen=True, slots=True)
class Source:
    """One arrival: which step's output port came in at which input port."""

    node: int
    run: int
    port: str
    to_port: str


@dataclass(frozen=True, slots=True)
class StepError:
    """Why a step, or one item of it, failed."""

    message: str
    kind: str = "node_error"
    retry: bool = False
    retry_in: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """Why an item failed, and at which attempt."""

    error: StepError
    attempt: int


@dataclass(slots=True)
class ItemProgress:
    """What became of a step's items so far, by their position; the others are still to do."""

    done: dict[int, Mapping[str, Sequence[Item]]] = field(default_factory=dict)
    failed: dict[int, ItemFailure] = field(default_factory=dict)
    parts: int = 0
    """How many rows of the journal hold outcomes of these items."""

    def first_error(self) -> StepError:
        """The error of the first item that failed."""
        return self.failed[min(self.failed)].error


@dataclass(slots=True)
class Activation:
    """A step to run: a node with what arrived at it."""

    node: int
    run: int
    arrivals: dict[str, Sequence[Item]]
    sources: list[Source]
    attempt: int = 1
    loop_done: bool = False
    progress: ItemProgress | None = None
    """Of a node that acts item by item, once an item has an outcome of its own."""
    origin: str | None = None
    """The execution that named the items' idempotency keys, if it was an earlier one."""
    places: Sequence[int] | None = None
    """Which of all that its sources gave the items are, if they are not all of it: see lineage."""

    @property
    def key(self) -> Key:
        """Which step it is."""
        return self.node, self.run


@dataclass(frozen=True, slots=True)
class Started:
    """The execution begins: ``node`` is the trigger that fired, None for all roots."""

    node: int | None
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """A step gave its outputs."""

    key: Key
    outputs: Mapping[str, Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Failed:
    """A step failed, or some of its items: then its activation has their outcomes.

    ``final`` is set when a recorded failure is replayed.
    """

    key: Key
    error: StepError
    final: bool = False


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Somebody wants it to stop."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The execution has used up its time: the workflow's own, or what its plan allows."""

    seconds: float
    by_plan: bool = False


Event: TypeAlias = Started | Succeeded | Failed | CancelRequested | TimedOut


@dataclass(frozen=True, slots=True)
class Run:
    """Run this step now."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Run this step again at ``moment``, with its next attempt number."""

    activation: Activation
    moment: float


class Ending(StrEnum):
    """How an execution can end."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Finish:
    """The execution is over."""

    ending: Ending
    error: StepError | None = None
    node: int | None = None


Command: TypeAlias = Run | RetryAt | Finish


@dataclass(slots=True)
class LoopFrame:
    """Where a loop stands: items handed out so far, and what its body gave back."""

    items: Sequence[Item]
    sources: list[Source]
    position: int = 0
    collected: list[Item] = field(default_factory=list)
    collected_sources: list[Source] = field(default_factory=list)
    collected_places: list[int] = field(default_factory=list)
    came_back: int = 0
    """How many items came back, those among them that only stand for none."""
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a step gave that nothing was behind, by port: in its run number ``run``."""

    run: int
    ports: Mapping[str, Sequence[Item]]

    @property
    def items(self) -> list[Item]:
        """The items of all ports."""
        return [item for items in self.ports.values() for item in items]


@dataclass(slots=True)
class State:
    """Everything that an execution's future depends on."""

    plan: Plan
    seed: str
    step_budget: int = 10_000
    runs: dict[int, int] = field(default_factory=dict)
    active: dict[Key, Activation] = field(default_factory=dict)
    joins: dict[int, dict[str, deque[tuple[Source, Sequence[Item]]]]] = field(default_factory=dict)
    rounds: dict[int, dict[str, int]] = field(default_factory=dict)
    loops: dict[int, LoopFrame] = field(default_factory=dict)
    queued_loops: dict[int, deque[tuple[Source, Sequence[Item]]]] = field(default_factory=dict)
    leaves: dict[int, Leaf] = field(default_factory=dict)
    """The last output of each node that nothing was behind, in order of finishing."""
    steps: int = 0
    finish: Finish | None = None
