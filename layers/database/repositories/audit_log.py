"""The audit log's chain, for reading; ``layers.identity.audit`` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select

from layers.database.models import AuditEntry
from layers.database.repositories.scope import Page, Scoped, Window


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; None means any. Moments in seconds since the epoch."""

    action: str | None = None
    actor: str | None = None
    target: str | None = None
    since: float | None = None
    until: float | None = None


class AuditLog(Scoped[AuditEntry]):
    """The audit log of a workspace, which only grows."""

    model = AuditEntry

    def filtered(self, wanted: AuditFilter, window: Window) -> Page[AuditEntry]:
        """One page of the entries that match, newest first."""
        return self.page(window, self._matching(wanted))

    def following(self, wanted: AuditFilter, number: int, limit: int) -> Sequence[AuditEntry]:
        """Up to ``limit`` of the entries that match and come after ``number``, oldest first."""
        query = self._matching(wanted).where(AuditEntry.number > number)
        return self.session.scalars(query.order_by(AuditEntry.number).limit(limit)).all()

    def chain(self) -> Iterator[AuditEntry]:
        """All entries in order."""
        query = self.query().order_by(AuditEntry.number).execution_options(yield_per=1000)
        yield from self.session.scalars(query)

    def _matching(self, wanted: AuditFilter) -> Select[AuditEntry]:
        query = self.query()
        if wanted.action is not None:
            query = query.where(AuditEntry.action == wanted.action)
        if wanted.actor is not None:
            query = query.where(AuditEntry.actor == wanted.actor)
        if wanted.target is not None:
            query = query.where(AuditEntry.target == wanted.target)
        if wanted.since is not None:
            query = query.where(AuditEntry.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntry.at < wanted.until)
        return query
