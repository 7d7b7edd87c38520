"""The audit log: what happened that matters for security, chained so that changes show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from layers.clock import SystemClock
from layers.database.models import AuditEntry
from layers.database.repositories.audit_chain import APPEND, KNOWN, LAST, LOCK, LOOK
from layers.database.repositories.audit_log import AuditLog
from layers.ids import new_id
from layers.jsontext import dumps

CLOCK = SystemClock()
FIRST = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is to be put on record. Never put a secret into it.

    ``actor`` is for example ``user:<id>``, ``action`` a verb such as ``workflow.created``,
    ``target`` what it was done to, such as ``workflow:<id>``.
    """

    workspace_id: str
    actor: str
    action: str
    target: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: float | None = None
    """Seconds since the epoch; None for now."""
    id: str | None = None
    """Given where the same event may be written again: it is then on record once."""


def record(
    session: Session,
    workspace_id: str,
    actor: str,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one entry in the transaction of what it is about; see ``AuditEvent``."""
    session.flush()
    append(session.connection(), [AuditEvent(workspace_id, actor, action, target, detail or {})])


def append(connection: Connection, audit_events: Sequence[AuditEvent]) -> None:
    """Append entries, of one workspace or of many, in order; the caller commits.

    A workspace that is gone has no log any more, and gets no entry.
    """
    lock = LOOK if connection.dialect.name == "sqlite" else LOCK
    wanted = sorted({one.workspace_id for one in audit_events})
    workspaces = [row.id for row in connection.execute(lock, {"ids": wanted})]
    known = _known(connection, audit_events)
    ends: dict[str, tuple[int, str]] = {}
    for workspace_id in workspaces:
        last = connection.execute(LAST, {"id": workspace_id}).one_or_none()
        ends[workspace_id] = (last.number, last.hash) if last else (0, FIRST)
    rows = []
    for event in audit_events:
        if event.workspace_id not in ends or event.id in known:
            continue
        number, previous_hash = ends[event.workspace_id]
        row = _row(event, number + 1, previous_hash)
        ends[event.workspace_id] = number + 1, row["hash"]
        rows.append(row)
    if rows:
        connection.execute(APPEND, rows)


def _known(connection: Connection, audit_events: Sequence[AuditEvent]) -> set[str | None]:
    ids = [one.id for one in audit_events if one.id is not None]
    return {row.id for row in connection.execute(KNOWN, {"ids": ids})} if ids else set()


def find_break(session: Session, workspace_id: str) -> int | None:
    """The number of the first entry that was changed, or follows one that was taken out.

    None means that the chain is whole. Entries that were cut off at the end do not show, unless
    the hash of a later end is known from elsewhere.
    """
    return verify(session, workspace_id).broken_at


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at a whole chain gave: ``head`` is the hash of the last good entry."""

    entries: int
    head: str
    broken_at: int | None


def verify(session: Session, workspace_id: str) -> Verdict:
    """Follow a workspace's chain from its first entry to its end or to where it breaks."""
    previous = FIRST
    number = 0
    for number, entry in enumerate(AuditLog(session, workspace_id).chain(), start=1):
        if entry.number != number or entry.previous_hash != previous or entry.hash != _hash(entry):
            return Verdict(number - 1, previous, number)
        previous = entry.hash
    return Verdict(number, previous, None)


def _row(event: AuditEvent, number: int, previous_hash: str) -> dict[str, Any]:
    row = {
        "previous_hash": previous_hash,
        "workspace_id": event.workspace_id,
        "number": number,
        "id": event.id or new_id(),
        "at": CLOCK.now() if event.at is None else event.at,
        "actor": event.actor,
        "action": event.action,
        "target": event.target,
        "detail": dumps(dict(event.detail)),
    }
    return {**row, "hash": _digest(list(row.values()))}


def _hash(entry: AuditEntry) -> str:
    return _digest(
        [
            entry.previous_hash,
            entry.workspace_id,
            entry.number,
            entry.id,
            entry.at,
            entry.actor,
            entry.action,
            entry.target,
            entry.detail,
        ]
    )


def _digest(covered: list[Any]) -> str:
    return hashlib.sha256(dumps(covered).encode()).hexdigest()
