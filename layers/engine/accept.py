"""The door in: an event and its execution, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Connection, bindparam, text

from layers.contract import Item
from layers.database.changes import Kind, note_lists
from layers.engine import accepted_rows, event_keys
from layers.engine.artifact_refs import EVENT, Ref, put_refs, refs_of
from layers.engine.concurrency import ConcurrencySlots
from layers.engine.metering import ADMITTED, Admission, LimitExceeded, Meter, NoMeter, Start
from layers.ids import new_id

ACTIVE_TRIGGERS = text(
    "SELECT id, version_id FROM triggers WHERE id IN :ids AND state <> 'stopped'"
).bindparams(bindparam("ids", expanding=True))


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is to be accepted. ``payload`` is JSON text of the items, or ``artifact`` names it.

    ``dedup_key`` is unique within ``source``; None means that every event is its own.
    """

    workspace_id: str
    workflow_id: str
    version_id: str
    source: str
    payload: str | None
    now: float
    artifact: str | None = None
    dedup_key: str | None = None
    trigger_id: str | None = None
    """Given for triggers: refused as stale unless it is still active in this version."""
    trigger_node_id: str | None = None
    manual: bool = False
    parent_id: str | None = None
    parent_step: str | None = None
    depth: int = 0
    retry_of: str | None = None
    scope: str | None = None
    execution_id: str | None = None
    """Chosen by the caller, where it has to be known before the commit."""
    owner: str | None = None
    """Who runs it at once, under a lease of ``lease_s`` seconds; None leaves it to a worker."""
    lease_s: float = 0.0
    max_concurrency: int | None = None
    workspace_limit: int = 1_000_000
    counts: bool = True
    """Whether it is one of the executions that a plan counts."""
    may_wait: bool = True
    """At a plan's limit it can be kept until there is room; else it is refused."""
    names: frozenset[str] | None = None
    """What the text in ``artifact`` names of the store; None where nobody has looked."""
    items: Sequence[Item] | None = None
    """The items themselves, so that the process which runs it need not parse their text again."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of it. ``leased`` is set when the owner may run it at once.

    ``held`` says that it is kept until the plan has room; with ``refused`` nothing was written.
    """

    execution_id: str
    event_id: str = ""
    duplicate: bool = False
    stale: bool = False
    leased: bool = False
    held: bool = False
    refused: LimitExceeded | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """The write that accepts one event."""

    locks_last: ClassVar[bool] = True
    """Rows of executions are locked first, and workspaces after them."""

    incoming: Incoming
    meter: Meter = field(default_factory=NoMeter)

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Accept]) -> Sequence[Accepted]:
        """Accept a group; see ``accept``."""
        return accept(connection, [write.incoming for write in group], group[0].meter)


def accept(connection: Connection, group: Sequence[Incoming], meter: Meter) -> list[Accepted]:
    """Insert events and executions within the caller's transaction.

    A duplicate gives the execution that the first one started. Nothing is lost: whatever is
    not a duplicate, stale or refused has its execution when the transaction commits.
    """
    results: dict[int, Accepted] = {}
    fresh = _fresh(connection, group, results)
    refused: dict[str, Accepted] = {}
    admissions = _admissions(connection, meter, fresh)
    slots = _slots(connection, fresh)
    rows: list[dict[str, Any]] = []
    for (position, incoming, row), admission in zip(fresh, admissions, strict=True):
        if admission.refused is not None:
            if incoming.dedup_key is not None:
                event_keys.forget(connection, row)
            results[position] = refused[row["id"]] = Accepted("", refused=admission.refused)
            continue
        held = admission.held_for is not None
        if held:
            row |= {"held_for": admission.held_for, "due_at": None}
        elif _takes_slot(slots, incoming):
            _lease(row, incoming)
        rows.append(row)
        leased = row["epoch"] == 1
        results[position] = Accepted(row["id"], row["event_id"], leased=leased, held=held)
    if rows:
        accepted_rows.insert(connection, rows)
        note_lists(connection, Kind.EXECUTIONS, (row["workspace_id"] for row in rows))
        put_refs(connection, [ref for row in rows for ref in _refs(row)])
    found = (results[position] for position in range(len(group)))
    # What repeats an event of this group that was refused has not been accepted either.
    return [refused.get(one.execution_id, one) for one in found]


def _refs(row: Mapping[str, Any]) -> Iterator[Ref]:
    return refs_of(row, row["id"], EVENT, ("payload", "artifact"))


_Fresh = tuple[int, Incoming, dict[str, Any]]


def _fresh(
    connection: Connection, group: Sequence[Incoming], results: dict[int, Accepted]
) -> list[_Fresh]:
    """Those that are neither stale nor seen before; of the others, what became of them."""
    active = _active_versions(connection, group)
    fresh: list[_Fresh] = []
    for position, incoming in enumerate(group):
        if incoming.trigger_id and active.get(incoming.trigger_id) != incoming.version_id:
            results[position] = Accepted("", stale=True)
            continue
        row = _row(incoming)
        if incoming.dedup_key is not None:
            first = event_keys.claim(connection, row)
            if first != row["id"]:
                results[position] = Accepted(first, duplicate=True)
                continue
        fresh.append((position, incoming, row))
    return fresh


def _admissions(connection: Connection, meter: Meter, fresh: Sequence[_Fresh]) -> list[Admission]:
    """What the plans say, one for each; those that do not count always run."""
    counting = [
        Start(one.workspace_id, one.workflow_id, row["id"], one.now, one.may_wait)
        for _position, one, row in fresh
        if one.counts
    ]
    if not counting:
        return [ADMITTED] * len(fresh)
    decided = iter(meter.admit(connection, counting))
    return [next(decided) if one.counts else ADMITTED for _position, one, _row in fresh]


def _active_versions(connection: Connection, group: Iterable[Incoming]) -> dict[str, str]:
    ids = sorted({incoming.trigger_id for incoming in group if incoming.trigger_id})
    if not ids:
        return {}
    return {row.id: row.version_id for row in connection.execute(ACTIVE_TRIGGERS, {"ids": ids})}


def _slots(connection: Connection, fresh: Sequence[_Fresh]) -> ConcurrencySlots:
    """The slots for those that would be run at once."""
    at_once = [one for _position, one, _row in fresh if one.owner is not None]
    slots = ConcurrencySlots(connection, min((one.workspace_limit for one in at_once), default=0))
    slots.hold(one.workspace_id for one in at_once)
    return slots


def _takes_slot(slots: ConcurrencySlots, incoming: Incoming) -> bool:
    return incoming.owner is not None and slots.take(
        incoming.workspace_id, incoming.workflow_id, incoming.max_concurrency
    )


def _lease(row: dict[str, Any], incoming: Incoming) -> None:
    """Let the owner run it at once."""
    row |= {
        "status": "running",
        "due_at": incoming.now + incoming.lease_s,
        "lease_owner": incoming.owner,
        "epoch": 1,
        "started_at": incoming.now,
    }


def _row(incoming: Incoming) -> dict[str, Any]:
    execution_id = incoming.execution_id or new_id()
    return {
        "id": execution_id,
        # An execution has one event: accepted again after a lost answer, it is the same one.
        "event_id": execution_id,
        "workspace_id": incoming.workspace_id,
        "workflow_id": incoming.workflow_id,
        "version_id": incoming.version_id,
        "source": incoming.source,
        "dedup_key": incoming.dedup_key or execution_id,
        "payload": incoming.payload,
        "artifact": incoming.artifact,
        "names": incoming.names,
        "now": incoming.now,
        "trigger_node_id": incoming.trigger_node_id,
        "manual": incoming.manual,
        "status": "queued",
        "due_at": incoming.now,
        "lease_owner": None,
        "epoch": 0,
        "started_at": None,
        "parent_id": incoming.parent_id,
        "parent_step": incoming.parent_step,
        "depth": incoming.depth,
        "retry_of": incoming.retry_of,
        "scope": incoming.scope,
        "held_for": None,
    }
