"""A workflow's node as a plan has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from layers.catalogue.port import Unavailable
from layers.contract import (
    Control,
    Effect,
    Join,
    NodeSpec,
    Runner,
    StartedBy,
    Traits,
    TriggerRunner,
    TriggerSpec,
)
from layers.engine.core.credentials import ChosenCredentials
from layers.engine.core.definition import NodeDefinition

ERROR_PORT = "error"


@dataclass(frozen=True, slots=True)
class PlanNode:
    """A node with its parameters compiled."""

    index: int
    definition: NodeDefinition
    spec: NodeSpec | TriggerSpec
    runner: Runner | TriggerRunner
    params: Any
    traits: Traits
    join: Join
    effect: Effect
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    credentials: ChosenCredentials

    @property
    def id(self) -> str:
        """The node's id in the workflow."""
        return self.definition.id

    @property
    def discards(self) -> tuple[str, ...]:
        """Output ports that are no result of an execution that ends here."""
        return self.spec.discards if isinstance(self.spec, NodeSpec) else ()

    @property
    def is_trigger(self) -> bool:
        """True for a node that starts executions."""
        return isinstance(self.spec, TriggerSpec)

    @property
    def acts_by_item(self) -> bool:
        """Whether each item that arrives has an outcome of its own."""
        return self.traits.by_item

    @property
    def is_loop(self) -> bool:
        """True for a node whose body comes back to it."""
        return (
            isinstance(self.spec, NodeSpec)
            and self.spec.control is Control.LOOP
            and not self.definition.disabled
        )

    @property
    def is_missing(self) -> bool:
        """True for a node whose type is not there any more: it fails when it is reached."""
        return isinstance(self.runner, Unavailable)

    @property
    def node_runner(self) -> Runner:
        """Who does the node's work; of a trigger there is none."""
        assert isinstance(self.spec, NodeSpec)
        return cast("Runner", self.runner)

    @property
    def trigger_spec(self) -> TriggerSpec:
        """What the trigger is; of a node there is none."""
        assert isinstance(self.spec, TriggerSpec)
        return self.spec

    @property
    def trigger_runner(self) -> TriggerRunner:
        """Who does the trigger's work; of a node there is none."""
        assert isinstance(self.spec, TriggerSpec)
        return cast("TriggerRunner", self.runner)

    def is_started_by(self, starter: StartedBy) -> bool:
        """Whether it is a trigger at which this one starts executions."""
        return isinstance(self.spec, TriggerSpec) and self.spec.started_by is starter
