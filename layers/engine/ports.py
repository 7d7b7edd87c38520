"""What a run needs of its process, and a step of its run: each by its role, none by its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from logging import Logger
from typing import Any, Protocol, TypeVar

from layers.clock import Clock
from layers.contract import Capability, FileStore, History, HttpClient, Item, Json, PythonSandbox
from layers.engine.core.credentials import ChosenCredentials
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation
from layers.engine.history_rows import Remembered, Step
from layers.engine.journal import Record, Recorded
from layers.engine.metering import Meter, Reservation, Usage
from layers.engine.outcomes import Answer, End
from layers.engine.payload_store import PayloadStore
from layers.engine.rows import ExecutionRow
from layers.identity.audit import AuditEvent
from layers.settings.root import LimitSettings

C = TypeVar("C")


class Journal(Protocol):
    """Where the writes of a run go."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is kept in SQLite."""
        ...

    @property
    def meter(self) -> Meter:
        """Who counts what was used, in the transaction of the write."""
        ...

    async def record(self, record: Record) -> Recorded:
        """Commit a write; while the database is away, keep it for as long as a lease."""
        ...

    async def put_on_record(self, events: Sequence[AuditEvent]) -> None:
        """Write into the audit log what happened after the last write."""
        ...


class Plans(Protocol):
    """The plans of workflow versions, and which version a workflow runs in."""

    async def of(self, version_id: str) -> Plan:
        """The plan of a version."""
        ...

    async def version_of(self, workspace_id: str, workflow_id: str) -> str | None:
        """The version that runs when the workflow is called; None where there is no workflow."""
        ...


class Quotas(Protocol):
    """Room for what a step may use, where a plan or a budget bounds that."""

    async def reserve(self, reservation: Reservation) -> bool:
        """Keep room, and say whether any had to be kept; raises an error with status 402."""
        ...

    async def is_bounded(self, workspace_id: str, workflow_id: str, limit_name: str) -> bool:
        """Whether room has to be reserved in it before a step uses it."""
        ...

    async def release(self, reservation_id: str) -> None:
        """Give up a reservation of which nothing was used."""
        ...


class Observers(Protocol):
    """Those who wait for an execution."""

    def answered(self, execution_id: str, answer: Answer) -> None:
        """A node has answered, and the answer is on record."""
        ...

    def ended(self, execution_id: str, end: End) -> None:
        """The execution ended here, and that is on record."""
        ...


class Starter(Protocol):
    """Who sees to it that executions are run."""

    def pick_up(
        self, ids: Sequence[str], items: Mapping[str, Sequence[Item]] | None = None
    ) -> None:
        """Run executions here, or let a worker know; ``items``: what they begin with, if known."""
        ...

    def handed_over(self, execution_id: str) -> None:
        """An execution was left to other processes."""
        ...

    async def cancel(self, ids: Sequence[str]) -> None:
        """Cancel executions and all that they called."""
        ...


class StepHost(Protocol):
    """What the sandbox and the language models ask of the step that they work for."""

    logs: list[dict[str, Any]]
    sandbox_runs: int

    @property
    def workspace_id(self) -> str: ...
    @property
    def workflow_id(self) -> str: ...
    @property
    def execution_id(self) -> str: ...
    @property
    def node_id(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def activation(self) -> Activation: ...
    @property
    def idempotency_key(self) -> str: ...
    @property
    def files(self) -> FileStore: ...

    def item_key(self, index: int) -> str:
        """The same for every attempt of one item, and its own."""
        ...

    def log(self, text: str) -> None:
        """Add a line to the step's logs."""
        ...

    def hear(self, start: int, stream: str, text: str) -> None:
        """A piece of what the step prints while it runs; ``start`` is where its logs begin."""
        ...

    def used(self, meter: str, source: str, quantity: int, detail: str = "") -> None:
        """Count what the step used; ``source`` tells its uses of one meter apart."""
        ...

    async def reserve(self, limit_name: str, source: str, most: int, seconds: float) -> bool:
        """Keep room for what the step may use within ``seconds``; raises NodeError."""
        ...

    async def is_bounded(self, limit_name: str) -> bool:
        """Whether room has to be reserved in it before the step uses it."""
        ...

    async def release(self, source: str) -> None:
        """Give up what was reserved: nothing of it was used."""
        ...

    def put_on_record(self, action: str, detail: Mapping[str, Any]) -> None:
        """Add an entry to the workspace's audit log, written with the step's outcome."""
        ...


class StepHistory(History, Protocol):
    """The history of a node, with what a step adds to it."""

    def remembered(self, *, succeeded: bool) -> Remembered | None:
        """What the journal writes with the step's outcome; None where nothing was claimed."""
        ...


class Credentials(Protocol):
    """A workspace's credentials, opened for its own steps."""

    async def load(self, workspace_id: str, credential_id: str) -> dict[str, Any]:
        """All fields, with ``type`` and ``allowed_hosts``; raises NodeError."""
        ...


class Variables(Protocol):
    """A workspace's variables."""

    async def of(self, workspace_id: str) -> Mapping[str, Json]:
        """The values by name, as they were a second ago at the earliest."""
        ...


class StepServices(Protocol):
    """What steps reach outside of their execution."""

    @property
    def http(self) -> HttpClient: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def variables(self) -> Variables: ...
    @property
    def files(self) -> Callable[[str], FileStore]: ...

    def python(
        self, host: StepHost, version_id: str, credentials: ChosenCredentials
    ) -> PythonSandbox:
        """The sandbox for one attempt of one step."""
        ...

    def use(self, capability: Capability[C], host: StepHost) -> C:
        """What is lent to one attempt of one step; raises NodeError where nobody does."""
        ...

    def history(self, step: Step, *, manual: bool) -> StepHistory:
        """What the step's node remembers; a manual run adds nothing."""
        ...


@dataclass(frozen=True, slots=True)
class RunPorts:
    """All that a run is given by its process."""

    clock: Clock
    limits: LimitSettings
    log: Logger
    payloads: PayloadStore
    journal: Journal
    plans: Plans
    quotas: Quotas
    observers: Observers
    starter: Starter
    services: StepServices
    callback_url: Callable[[str, str | None, int], str]
    """Of an execution, a node and its activation, the address that ends that wait."""
    on_step: Callable[[], None]
    """Called when a step has its outcome."""


class RunOfStep(Protocol):
    """What a step asks of its run."""

    @property
    def row(self) -> ExecutionRow: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def ports(self) -> RunPorts: ...

    def scope(self, now: float, activation: Activation) -> dict[str, Any]:
        """The names that expressions of a step see, ``item`` and ``items`` aside."""
        ...

    def answer(self, answer: Answer) -> None:
        """Take a node's answer to the webhook's caller; the first one counts."""
        ...

    def hear(self, activation: Activation, now: float, logs: Sequence[dict[str, Any]]) -> None:
        """A step that began at ``now`` has printed something: this is all of it so far."""
        ...

    def used(self, usage: Usage) -> None:
        """Count with the next write what a step used."""
        ...

    def put_on_record(self, event: AuditEvent) -> None:
        """Put into the audit log with the next write what a step did."""
        ...
