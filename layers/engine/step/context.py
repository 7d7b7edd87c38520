"""One call of one node: what it is handed, and what it gives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from layers import jsontext
from layers.contract import (
    Capability,
    FileRef,
    FileStore,
    HttpClient,
    Json,
    Locator,
    NodeError,
    PythonSandbox,
    Template,
    files_in_scope,
)
from layers.engine.core.compiler import describe
from layers.engine.core.decide import arrived
from layers.engine.core.emptiness import real
from layers.engine.core.lineage import told_apart
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.retry import retry_delay
from layers.engine.core.state import Activation
from layers.engine.history_rows import Remembered, Step
from layers.engine.metering import Reservation, Usage
from layers.engine.outcomes import Answer
from layers.engine.ports import RunOfStep, StepHistory
from layers.engine.step.checking import step_error
from layers.errors import LimitReached, TreadleError
from layers.expressions import ExpressionError
from layers.identity.audit import AuditEvent
from layers.ids import new_id

T = TypeVar("T")
C = TypeVar("C")
RESERVED_LONGER_S = 120.0
LOG_LINES = 1000
LOG_LINE_LENGTH = 10_000


class StepContext:
    """The ``Context`` of one attempt."""

    def __init__(self, run: RunOfStep, node: PlanNode, activation: Activation, now: float) -> None:
        self._run = run
        self._node = node
        self.activation = activation
        self._ports = run.ports
        self.workspace_id = run.row.workspace_id
        self.workflow_id = run.row.workflow_id
        self.execution_id = run.row.id
        self.node_id = node.id
        self._credentials = node.credentials
        self.attempt = activation.attempt
        self.manual = run.row.manual
        self.now = now
        self.timezone = run.plan.definition.settings.timezone
        self.logs: list[dict[str, Any]] = []
        self.sandbox_runs = 0
        if len(activation.sources) > 1:
            told_apart(activation)
        self.came = arrived(activation)
        self.items = self.came if node.acts_by_item else real(self.came)
        self.places: Sequence[int] | None = None
        """Which of the items that came these ``items`` are, if they are not all of them."""
        self._scope: dict[str, Any] | None = None
        self._history: StepHistory | None = None
        self._opened: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this step."""
        return f"{self.execution_id}:{self.node_id}:{self.activation.run}"

    def item_key(self, index: int) -> str:
        """The same for every attempt of one item, and its own."""
        named_by = self.activation.origin or self.execution_id
        key = f"{named_by}:{self.node_id}:{self.activation.run}"
        return f"{key}:{index}" if index else key

    @property
    def http(self) -> HttpClient:
        """The outbound client."""
        return self._ports.services.http

    @property
    def files(self) -> FileStore:
        """The workspace's files."""
        return self._ports.services.files(self.workspace_id)

    @property
    def sandbox(self) -> PythonSandbox:
        """The sandbox, bound to this step."""
        return self._ports.services.python(self, self._run.row.version_id, self._credentials)

    @property
    def history(self) -> StepHistory:
        """What the node remembers."""
        if self._history is None:
            step = Step(
                self.workspace_id,
                self.workflow_id,
                self.node_id,
                self.execution_id,
                self.activation.run,
                self._run.row.retry_of,
            )
            self._history = self._ports.services.history(step, manual=self.manual)
        return self._history

    def remembered(self, *, succeeded: bool) -> Remembered | None:
        """What the step adds to its node's history, now that it has its outcome."""
        return None if self._history is None else self._history.remembered(succeeded=succeeded)

    def use(self, capability: Capability[C]) -> C:
        """What is lent to this step; raises NodeError where nobody does."""
        return self._ports.services.use(capability, self)

    def evaluate(
        self, template: Template[T], index: int = 0, names: Mapping[str, Json] | None = None
    ) -> T:
        """Return a parameter's value with item number ``index`` in scope, its files and names."""
        if template.constant:
            return template.value({})
        scope = self._scope
        if scope is None:
            scope = self._scope = self._run.scope(self.now, self.activation)
            scope["items"] = real(self.items)
        scope["index"] = index
        known = self.items or self.came
        if index < len(known):
            scope["item"] = known[index]
            scope["files"] = files_in_scope(known[index])
            scope["nodes"].place = index if self.places is None else self.places[index]
        else:
            scope.pop("item", None)
            scope.pop("files", None)
            scope["nodes"].place = None
        try:
            return template.value({**scope, **names} if names else scope)
        except ExpressionError as error:
            raise self._wrong(template, describe(error), index) from error
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"]
            raise self._wrong(template, message, index) from error
        except ValueError as error:
            raise self._wrong(template, str(error), index) from error

    def _wrong(self, template: Template[Any], message: str, index: int) -> NodeError:
        name = parameter_name(self._node.params, template)
        return NodeError(
            f"{self.node_id}: parameter {name}: {message}",
            kind="expression",
            item_index=index,
            detail={"parameter": name, "expression": str(template.source)[:500]},
        )

    def will_retry(self, error: NodeError) -> bool:
        """Whether the step is tried again where it, or the item at hand, fails with this error."""
        described = step_error(self._node, error)
        return retry_delay(self.execution_id, self._node, self.activation, described) is not None

    def log(self, text: str) -> None:
        """Add a line to the step's logs."""
        if len(self.logs) < LOG_LINES:
            self.logs.append({"stream": "log", "text": text[:LOG_LINE_LENGTH]})

    def hear(self, start: int, stream: str, text: str) -> None:
        """A piece of what the step prints while it runs; ``start`` is where its logs begin."""
        if len(self.logs) > start and self.logs[-1]["stream"] == stream:
            self.logs[-1] = {"stream": stream, "text": self.logs[-1]["text"] + text}
        else:
            self.logs.append({"stream": stream, "text": text})
        self._run.hear(self.activation, self.now, self.logs)

    def used(self, meter: str, source: str, quantity: int, detail: str = "") -> None:
        """Count what the step used; ``source`` tells its uses of one meter apart.

        ``detail`` tells kinds of a meter apart, such as models.
        """
        if quantity > 0:
            self._run.used(
                Usage(
                    workspace_id=self.workspace_id,
                    meter=meter,
                    source_id=source,
                    quantity=quantity,
                    occurred_at=self._ports.clock.now(),
                    workflow_id=self.workflow_id,
                    execution_id=self.execution_id,
                    detail=detail,
                )
            )

    async def reserve(self, limit_name: str, source: str, most: int, seconds: float) -> bool:
        """Keep room for what the step may use within ``seconds``; raises NodeError before it.

        It is kept a little longer, until the journal is written.

        Says whether something was reserved; a usage of the same ``source`` settles it.
        """
        reservation = Reservation(
            id=source,
            workspace_id=self.workspace_id,
            workflow_id=self.workflow_id,
            execution_id=self.execution_id,
            limit_name=limit_name,
            amount=most,
            expires_at=self._ports.clock.now() + seconds + RESERVED_LONGER_S,
        )
        try:
            return await self._ports.quotas.reserve(reservation)
        except TreadleError as error:
            kind = "limit_reached" if isinstance(error, LimitReached) else "budget_reached"
            raise NodeError(error.detail, kind=kind, detail=dict(error.more)) from error

    async def is_bounded(self, limit_name: str) -> bool:
        """Whether room has to be reserved in it before the step uses it."""
        quotas = self._ports.quotas
        return await quotas.is_bounded(self.workspace_id, self.workflow_id, limit_name)

    async def release(self, source: str) -> None:
        """Give up what was reserved: nothing of it was used."""
        await self._ports.quotas.release(source)

    def put_on_record(self, action: str, detail: Mapping[str, Any]) -> None:
        """Add an entry to the workspace's audit log, written with the step's outcome."""
        place = {
            "node_id": self.node_id,
            "run_index": self.activation.run,
            "attempt": self.attempt,
            "manual": self.manual,
        }
        event = AuditEvent(
            workspace_id=self.workspace_id,
            actor=f"execution:{self.execution_id}",
            action=action,
            target=f"workflow:{self.workflow_id}",
            detail={**place, **detail},
            at=self._ports.clock.now(),
            id=new_id(),
        )
        self._run.put_on_record(event)

    def respond(
        self,
        status: int,
        headers: Mapping[str, str | Sequence[str]],
        body: Json | bytes | FileRef,
    ) -> None:
        """Answer the webhook's caller, if one waits; only the first answer counts."""
        try:
            jsontext.dumps([dict(headers), None if isinstance(body, bytes | FileRef) else body])
        except jsontext.InvalidJson as error:
            raise NodeError(f"{self.node_id}: the answer: {error}", kind="not_json") from error
        self._run.answer(Answer(status, dict(headers), body))

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the secret fields of the credential in a slot, or None if none is chosen."""
        chosen = self._credentials.of(slot)
        if chosen is None:
            return None
        opened = self._opened.get(chosen)
        if opened is None:
            # Items ask for it one by one; it is opened once for each attempt.
            load = self._ports.services.credentials.load(self.workspace_id, chosen)
            opened = self._opened[chosen] = asyncio.ensure_future(load)
        found = await asyncio.shield(opened)
        self._credentials.fitting(slot, found["type"], types)
        return found


def parameter_name(params: BaseModel, wanted: Template[Any]) -> str:
    """Where in the parameters a template stands, such as ``fields.label``."""
    found = _find(params, wanted, "")
    return found or "(unknown)"


def _find(value: Any, wanted: Template[Any], path: str) -> str | None:
    if value is wanted or (isinstance(value, Locator) and value.value is wanted):
        return path
    members: list[tuple[str, Any]] = []
    if isinstance(value, BaseModel):
        members = [(name, getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, dict):
        members = [(str(name), part) for name, part in value.items()]
    elif isinstance(value, (list, tuple)):
        members = [(str(position), part) for position, part in enumerate(value)]
    for name, part in members:
        found = _find(part, wanted, f"{path}.{name}" if path else name)
        if found:
            return found
    return None
