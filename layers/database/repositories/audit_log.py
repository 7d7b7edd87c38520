"""The audit log's chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from layers.database.models import AuditEntry, Workspace
from layers.database.repositories.scope import Page, Scoped, Window


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; None means any. Moments in seconds since the epoch."""

    action: str | None = None
    actor: str | None = None
    since: float | None = None
    until: float | None = None


class AuditLog(Scoped[AuditEntry]):
    """The audit log of a workspace, which only grows."""

    model = AuditEntry

    def last(self) -> AuditEntry | None:
        """The newest entry; holds other writers of this log back until the commit."""
        # Not a full row lock: it must not stop those who only refer to the workspace.
        lock = select(Workspace.id).where(Workspace.id == self.workspace_id)
        self.session.execute(lock.with_for_update(key_share=True))
        query = self.query().order_by(AuditEntry.number.desc()).limit(1)
        return self.session.scalars(query).one_or_none()

    def filtered(self, wanted: AuditFilter, window: Window) -> Page[AuditEntry]:
        """One page of the entries that match, newest first."""
        query = self.query()
        if wanted.action is not None:
            query = query.where(AuditEntry.action == wanted.action)
        if wanted.actor is not None:
            query = query.where(AuditEntry.actor == wanted.actor)
        if wanted.since is not None:
            query = query.where(AuditEntry.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntry.at < wanted.until)
        return self.page(window, query)

    def chain(self) -> Iterator[AuditEntry]:
        """All entries in order."""
        yield from self.session.scalars(self.query().order_by(AuditEntry.number))
