"""The audit log: what happened that matters for security, chained so that changes show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from layers.clock import SystemClock
from layers.database.models import AuditEntry
from layers.database.repositories.audit_log import AuditLog
from layers.ids import new_id
from layers.jsontext import dumps

CLOCK = SystemClock()
FIRST = ""


def record(
    session: Session,
    workspace_id: str,
    actor: str,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry in the transaction of what it is about. Never put a secret into it.

    ``actor`` is for example ``user:<id>``, ``action`` a verb such as ``workflow.created``,
    ``target`` what it was done to, such as ``workflow:<id>``.
    """
    log = AuditLog(session, workspace_id)
    last = log.last()
    entry = AuditEntry(
        id=new_id(),
        number=last.number + 1 if last else 1,
        at=CLOCK.now(),
        actor=actor,
        action=action,
        target=target,
        detail=dumps(dict(detail or {})),
        previous_hash=last.hash if last else FIRST,
    )
    entry.workspace_id = workspace_id
    entry.hash = _hash(entry)
    log.add(entry)


def find_break(session: Session, workspace_id: str) -> int | None:
    """The number of the first entry that was changed, or follows one that was taken out.

    None means that the chain is whole. Entries that were cut off at the end do not show.
    """
    previous = FIRST
    for number, entry in enumerate(AuditLog(session, workspace_id).chain(), start=1):
        if entry.number != number or entry.previous_hash != previous or entry.hash != _hash(entry):
            return number
        previous = entry.hash
    return None


def _hash(entry: AuditEntry) -> str:
    covered = [
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
    return hashlib.sha256(dumps(covered).encode()).hexdigest()
