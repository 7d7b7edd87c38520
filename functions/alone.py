"""One node or trigger called by itself: no engine, no database, nothing kept."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.catalogue import NodeType, TriggerType
from layers.contract import (
    CallWorkflow,
    Capability,
    CredentialType,
    FileRef,
    FileStore,
    History,
    HttpClient,
    Item,
    Json,
    NodeError,
    Outcome,
    ParameterReader,
    PerItem,
    PythonSandbox,
    Slot,
    Template,
    WaitForCallback,
    WaitUntil,
    files_in_scope,
)
from layers.contract.credential import ACCOUNT
from layers.credentials.authentication import described
from layers.engine.core.compiler import describe
from layers.engine.core.plan import COMPILER
from layers.engine.core.state import Activation
from layers.engine.step.capabilities import C, Capabilities
from layers.engine.step.history import NoHistory
from layers.engine.step.python import StepPython
from layers.errors import FieldError, InvalidInput, TreadleError
from layers.expressions import DateTime, ExpressionError
from layers.ids import new_id
from layers.packages.policies import Policies
from layers.sandbox import Sandbox
from layers.sandbox.locking import with_lock

T = TypeVar("T")
ALONE = "alone"


class NodeFailed(InvalidInput):
    """The node could not do it."""


class Call(BaseModel):
    """What a function served alone is sent."""

    model_config = ConfigDict(extra="forbid")

    params: dict[str, Any] = {}
    items: list[dict[str, Any]] = []
    inputs: dict[str, list[dict[str, Any]]] | None = Field(
        default=None, description="Items by input port, for nodes that have several."
    )
    context: dict[str, Any] = Field(
        default={}, description="What expressions see beside the items, such as `vars`."
    )
    credential: dict[str, Any] | None = Field(
        default=None, description="The credential's fields, with its `type`."
    )
    credentials: dict[str, dict[str, Any]] = Field(
        default={}, description="The same by slot, for nodes that have several."
    )
    cursor: Any = Field(default=None, description="Where a trigger's last poll ended.")
    acquired: Any = Field(default=None, description="What a trigger holds at its provider.")
    timezone: str = "UTC"


@dataclass(frozen=True)
class Loan:
    """The parts that a function may reach."""

    http: HttpClient
    files: FileStore
    sandbox: Sandbox
    capabilities: Capabilities = field(default_factory=Capabilities)
    policies: Policies = field(default_factory=Policies)
    credential_types: Mapping[str, CredentialType] = field(default_factory=dict)


class AloneContext:
    """The ``Context``, and the ``TriggerContext``, of one call."""

    def __init__(
        self, call: Call, loan: Loan, items: Sequence[Item], slots: Sequence[Slot]
    ) -> None:
        self.workspace_id = self.workflow_id = self.node_id = ALONE
        self.execution_id = new_id()
        self.attempt = 1
        self.manual = True
        # New for each call, since a call is never repeated by us.
        self.idempotency_key = f"{self.execution_id}:{self.node_id}:0"
        self.now = time.time()
        self.timezone = call.timezone
        self.acquired: Json = call.acquired
        self.http = loan.http
        self.files = loan.files
        self.activation = Activation(node=0, run=0, arrivals={}, sources=[])
        self.logs: list[dict[str, Any]] = []
        self.sandbox_runs = 0
        self.response: dict[str, Any] | None = None
        self.sandbox: PythonSandbox = StepPython(
            loan.sandbox,
            self,
            # No version is stored that a lock could be stored with.
            with_lock=partial(with_lock, loan.sandbox, policies=loan.policies),
        )
        self.history: History = NoHistory()
        self._call = call
        self._first_slot = slots[0].name if slots else ACCOUNT
        self._types = loan.credential_types
        self._capabilities = loan.capabilities
        self._items = items

    def item_key(self, index: int) -> str:
        """One of its own for each item."""
        return f"{self.idempotency_key}:{index}" if index else self.idempotency_key

    def use(self, capability: Capability[C]) -> C:
        """What is lent to this call; raises NodeError where nobody does."""
        return self._capabilities.of(capability, self)

    def evaluate(
        self, template: Template[T], index: int = 0, names: Mapping[str, Json] | None = None
    ) -> T:
        """Return a parameter's value with item number ``index`` in scope, its files and names."""
        scope: dict[str, Any] = {
            "now": DateTime.from_timestamp(self.now, self.timezone),
            **self._call.context,
            "items": self._items,
            "index": index,
        }
        if index < len(self._items):
            scope["item"] = self._items[index]
            scope["files"] = files_in_scope(self._items[index])
        scope |= names or {}
        try:
            return template.value(scope)
        except ExpressionError as error:
            raise NodeError(describe(error), kind="expression", item_index=index) from error
        except ValueError as error:
            raise NodeError(str(error), kind="expression", item_index=index) from error

    def will_retry(self, error: NodeError) -> bool:
        """A call is never repeated by us."""
        return False

    def hear(self, start: int, stream: str, text: str) -> None:
        """Take what code prints while it runs; nobody follows a call, so the end will do."""

    async def reserve(self, limit_name: str, source: str, most: int, seconds: float) -> bool:
        """There are no budgets here either."""
        return False

    async def is_bounded(self, limit_name: str) -> bool:
        """Nor is there a plan."""
        return False

    async def release(self, source: str) -> None:
        """Nothing was reserved."""

    def used(self, meter: str, source: str, quantity: int, detail: str = "") -> None:
        """Nobody counts here: what is served alone has no workspace's books."""

    def put_on_record(self, action: str, detail: Mapping[str, Any]) -> None:
        """A call alone belongs to no workspace, so that there is no audit log to put it into."""

    def log(self, text: str) -> None:
        """Add a line to the logs."""
        self.logs.append({"stream": "log", "text": text})

    def respond(
        self,
        status: int,
        headers: Mapping[str, str | Sequence[str]],
        body: Json | bytes | FileRef,
    ) -> None:
        """Keep the answer to a webhook's caller; only the first counts."""
        if self.response is None:
            shown = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
            shown = {"file": asdict(shown)} if isinstance(shown, FileRef) else shown
            self.response = {"status": status, "headers": dict(headers), "body": shown}

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """The credential that came with the call."""
        given = self._call.credentials.get(slot or self._first_slot)
        if given is None and slot in (None, self._first_slot):
            given = self._call.credential
        if given is not None and types and given.get("type") not in types:
            raise NodeError(f"The credential's type must be one of {', '.join(types)}.")
        if given is None:
            return None
        kind = self._types.get(str(given.get("type")))
        if kind is None:
            raise NodeError(f"There is no credential type {given.get('type')!r} here.")
        return {**given, **described(kind, given, given.get("allowed_hosts") or ())}


async def call_node(node: NodeType, call: Call, loan: Loan) -> dict[str, Any]:
    """Run a node once and return ``outputs`` by port, ``logs``, and what else it asked for.

    Raises InvalidInput for wrong parameters, NodeFailed for what the node could not do.
    """
    runner = node.runner
    params = _params(runner, call.params)
    arrivals = {
        port: [Item(values) for values in items] for port, items in (call.inputs or {}).items()
    }
    items = [Item(values) for values in call.items] or next(iter(arrivals.values()), [])
    context = AloneContext(call, loan, items, node.spec.slots)
    try:
        if runner.run_ports is not None:
            first = runner.traits(params).inputs[0]
            given = runner.run_ports(
                params, {**({} if arrivals else {first: items}), **arrivals}, context
            )
        else:
            assert runner.run is not None
            given = runner.run(params, items, context)
        outcome = await given if inspect.isawaitable(given) else given
    except NodeError as error:
        raise _failed(error) from error
    return {"outputs": {}, **_described(outcome, items), "logs": context.logs} | (
        {} if context.response is None else {"response": context.response}
    )


async def call_trigger(trigger: TriggerType, call: Call, loan: Loan) -> dict[str, Any]:
    """Poll a trigger once and return ``events``, the new ``cursor``, ``next_at`` and ``more``.

    Raises InvalidInput for wrong parameters and for a trigger that is not polled.
    """
    poll = trigger.runner.poll
    params = _params(trigger.runner, call.params)
    if poll is None:
        raise InvalidInput(
            f"{trigger.spec.type} is not polled: a request or a person starts it "
            f"({trigger.spec.source})."
        )
    context = AloneContext(call, loan, (), trigger.spec.slots)
    try:
        given = poll(params, call.cursor, context)
        found = await given if inspect.isawaitable(given) else given
    except NodeError as error:
        raise _failed(error) from error
    events = [{"key": event.key, "items": list(event.items)} for event in found.events]
    return {
        "events": events,
        "cursor": found.cursor,
        "next_at": found.next_at,
        "more": found.more,
    }


def _params(reader: ParameterReader, params: dict[str, Any]) -> Any:
    try:
        return reader.read(params, {"compiler": COMPILER})
    except ValidationError as error:
        raise InvalidInput(
            errors=[
                FieldError(
                    "".join(f"/{part}" for part in ("params", *detail["loc"])), detail["msg"]
                )
                for detail in error.errors(include_url=False)
            ]
        ) from error


def _described(outcome: Outcome, items: Sequence[Item]) -> dict[str, Any]:
    if isinstance(outcome, (WaitUntil, WaitForCallback, CallWorkflow)):
        return {"suspension": {"kind": type(outcome).__name__, **asdict(outcome)}}
    outputs = outcome.outputs(items) if isinstance(outcome, PerItem) else outcome
    return {"outputs": {port: list(items) for port, items in outputs.items()}}


def _failed(error: NodeError) -> TreadleError:
    where = "" if error.item_index is None else f" (item {error.item_index})"
    return NodeFailed(f"{error.message}{where}")
