"""A small real context: nodes are validated and evaluated here as in a workflow, but alone."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from layers.contract import (
    Capability,
    FileRef,
    FileStore,
    History,
    HttpClient,
    Item,
    Items,
    Json,
    Node,
    NodeError,
    Outcome,
    Params,
    PythonSandbox,
    Template,
    files_in_scope,
)
from layers.engine.core.compiler import ExpressionCompiler, describe
from layers.expressions import ExpressionError

T = TypeVar("T")
C = TypeVar("C")

NOW = datetime.fromisoformat("2026-05-17T08:30:00+00:00").timestamp()


class OutOfBounds:
    """Stands where nodes of these families have no business."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"This node must not reach out: '{name}'.")


@dataclass
class NodeContext:
    """What a node is handed; it keeps what the node says in ``answers`` and ``lines``."""

    items: Items = ()
    now: float = NOW
    timezone: str = "UTC"
    workspace_id: str = "workspace"
    workflow_id: str = "workflow"
    execution_id: str = "execution"
    node_id: str = "node"
    attempt: int = 1
    manual: bool = False
    idempotency_key: str = "execution/node/1"
    answers: list[tuple[int, dict[str, str | Sequence[str]], Json | bytes | FileRef]] = field(
        default_factory=list
    )
    lines: list[str] = field(default_factory=list)
    http: HttpClient = field(default_factory=OutOfBounds)
    files: FileStore = field(default_factory=OutOfBounds)
    sandbox: PythonSandbox = field(default_factory=OutOfBounds)
    capabilities: Mapping[Capability[Any], Any] = field(default_factory=dict)
    history: History = field(default_factory=OutOfBounds)

    def item_key(self, index: int) -> str:
        """As the engine has it."""
        return f"{self.idempotency_key}:{index}" if index else self.idempotency_key

    def use(self, capability: Capability[C]) -> C:
        """What the test lends."""
        lent: C = self.capabilities[capability]
        return lent

    def evaluate(
        self, template: Template[T], index: int = 0, names: Mapping[str, Json] | None = None
    ) -> T:
        """Evaluate with the item in scope, or raise NodeError as the engine does."""
        if template.constant:
            return template.value({})
        try:
            return template.value({**self._scope(index), **(names or {})})
        except (ExpressionError, ValueError, IndexError) as error:
            message = describe(error) if isinstance(error, ExpressionError) else str(error)
            raise NodeError(message, item_index=index, kind="expression") from error

    def _scope(self, index: int) -> Mapping[str, Any]:
        return {
            "item": self.items[index],
            "items": list(self.items),
            "files": files_in_scope(self.items[index]),
            "index": index,
            "nodes": {},
            "execution": {"id": self.execution_id},
            "workflow": {"id": self.workflow_id},
            "vars": {},
            "now": self.now,
        }

    def will_retry(self, error: NodeError) -> bool:
        """Nothing is repeated here."""
        return False

    def log(self, text: str) -> None:
        """Keep the line."""
        self.lines.append(text)

    def respond(
        self,
        status: int,
        headers: Mapping[str, str | Sequence[str]],
        body: Json | bytes | FileRef,
    ) -> None:
        """Keep the answer."""
        self.answers.append((status, dict(headers), body))

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """No credential is set."""
        return None


def read_params(node: Node[Any], params: Mapping[str, Json]) -> Params:
    """Validate parameters as the engine does when a workflow is saved."""
    made = node.params.model_validate(params, context={"compiler": ExpressionCompiler()})
    assert isinstance(made, Params)
    return made


def outcome_of(
    node: Node[Any],
    params: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]] = (),
    *,
    context: NodeContext | None = None,
) -> Outcome:
    """Run a node on items and return what it gives; items stay as they were, or this fails."""
    came = [item if isinstance(item, Item) else Item(item) for item in items]
    before = repr(came)
    context = context or NodeContext()
    context.items = came
    assert node.run is not None
    given = node.run(read_params(node, params), came, context)
    outcome = asyncio.run(_awaited(given)) if inspect.isawaitable(given) else given
    assert repr(came) == before, "the node changed the items that came in"
    return outcome


async def _awaited(given: Awaitable[Outcome]) -> Outcome:
    return await given


def run_node(
    node: Node[Any],
    params: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]] = (),
    *,
    context: NodeContext | None = None,
) -> dict[str, list[dict[str, Json]]]:
    """Run a node and return its items by port, without the ports that have none."""
    outcome = outcome_of(node, params, items, context=context)
    assert isinstance(outcome, Mapping)
    return filled(outcome)


def run_join(
    node: Node[Any], params: Mapping[str, Json], arrivals: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, list[dict[str, Json]]]:
    """Run a node that joins several ports."""
    came: dict[str, Items] = {
        port: [item if isinstance(item, Item) else Item(item) for item in items]
        for port, items in arrivals.items()
    }
    before = repr(came)
    assert node.run_ports is not None
    outcome = node.run_ports(read_params(node, params), came, NodeContext())
    assert isinstance(outcome, Mapping)
    assert repr(came) == before, "the node changed the items that came in"
    return filled(outcome)


def filled(outputs: Mapping[str, Sequence[Item]]) -> dict[str, list[dict[str, Json]]]:
    """Leave empty ports out; the engine runs nothing behind them."""
    return {port: list(items) for port, items in outputs.items() if items}
