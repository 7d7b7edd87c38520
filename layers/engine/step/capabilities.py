"""What steps may use beyond their context, and who lends it to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from layers.contract import Capability, NodeError
from layers.engine.ports import StepHost

C = TypeVar("C")
CAPABILITY_MISSING = "capability_missing"


class Capabilities:
    """By capability, who makes it for one attempt of one step."""

    def __init__(self) -> None:
        self._lenders: dict[Capability[Any], Callable[[StepHost], Any]] = {}

    def lend(self, capability: Capability[C], lender: Callable[[StepHost], C]) -> None:
        """Have ``ctx.use(capability)`` give what ``lender`` makes for the step."""
        self._lenders[capability] = lender

    def of(self, capability: Capability[C], host: StepHost) -> C:
        """Make it for a step; raises NodeError where nobody lends it."""
        lender = self._lenders.get(capability)
        if lender is None:
            raise NodeError(
                f"{host.node_id}: there are no {capability.name} here. Ask the administrator of "
                "this instance, or replace the node.",
                kind=CAPABILITY_MISSING,
            )
        made: C = lender(host)
        return made
