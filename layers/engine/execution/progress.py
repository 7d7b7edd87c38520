"""Where a running execution stands."""

from __future__ import annotations

from collections import deque

from layers.clock import Clock
from layers.contract import Effect
from layers.engine.core.decide import decide
from layers.engine.core.plan import Plan
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation, Event, Key, RetryAt, Run, State
from layers.engine.execution.trail import RunTrail
from layers.engine.execution.waits import Waits


class Progress:
    """The core's state, the steps that it wants to run, and those that wait."""

    def __init__(self, plan: Plan, state: State, clock: Clock, *, has_caller: bool = False) -> None:
        """``has_caller``: another execution waits for its result, and where that came from."""
        self.plan = plan
        self.state = state
        self.trail = RunTrail(keeps_items=plan.looks_back, keeps_ways=has_caller)
        self.ready: deque[Activation] = deque()
        self.waits = Waits(clock)
        self.position = 0
        """How many outcomes are on record: the next one's place in their order."""
        self.size = 0
        """How many characters of outputs it was made of."""
        self.interrupted: list[Key] = []
        """Steps of which nobody knows whether they happened; a person decides."""
        self._clock = clock

    def node(self, activation: Activation) -> PlanNode:
        """The node of a step."""
        return self.plan.nodes[activation.node]

    def resume(self, clock: Clock) -> None:
        """Forget what the next lease finds in the journal; the core's state stays."""
        self.waits = Waits(clock)
        self.interrupted = []

    def decide(self, event: Event) -> RetryAt | None:
        """Tell the core; returns when a failed step is tried again, if it is."""
        self.state, commands = decide(self.state, event, self._clock.now())
        again = None
        for command in commands:
            if isinstance(command, Run):
                self.ready.append(command.activation)
            elif isinstance(command, RetryAt):
                again = command
        return again

    def is_journaled(self, key: Key) -> bool:
        """Whether a step that has no outcome is on record all the same."""
        return self.plan.nodes[key[0]].effect is not Effect.PURE or key in self.waits
