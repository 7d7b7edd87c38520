"""The base of every repository of a workspace's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from layers.database.models import TenantBase
from layers.errors import NotFound
from layers.ids import is_id

M = TypeVar("M", bound=TenantBase)


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted: at most ``limit`` rows whose id is below ``before``."""

    limit: int = 50
    before: str | None = None


@dataclass(frozen=True)
class Page(Generic[M]):
    """A part of a list, newest first; ``more`` says whether there are older rows."""

    rows: Sequence[M]
    more: bool


class Scoped(Generic[M]):
    """Rows of one table that belong to one workspace; others do not exist for it."""

    model: type[M]

    def __init__(self, session: Session, workspace_id: str) -> None:
        self.session = session
        self.workspace_id = workspace_id

    def query(self) -> Select[M]:
        """The query that every other one of this repository begins with."""
        return select(self.model).where(self.model.workspace_id == self.workspace_id)

    def find(self, row_id: str) -> M | None:
        """The row with this id, or None if this workspace has none."""
        if not is_id(row_id):
            return None
        return self.session.scalars(self.query().where(self._id == row_id)).one_or_none()

    def get(self, row_id: str) -> M:
        """The row with this id; raises NotFound."""
        found = self.find(row_id)
        if found is None:
            raise NotFound
        return found

    def page(self, window: Window, query: Select[M] | None = None) -> Page[M]:
        """One page of ``query`` (of all rows without it), newest first."""
        wanted = self.query() if query is None else query
        if window.before is not None:
            wanted = wanted.where(self._id < window.before)
        wanted = wanted.order_by(self._id.desc()).limit(window.limit + 1)
        rows = self.session.scalars(wanted).all()
        return Page(rows[: window.limit], len(rows) > window.limit)

    def add(self, row: M) -> M:
        """Insert a row into this workspace."""
        row.workspace_id = self.workspace_id
        self.session.add(row)
        self.session.flush()
        return row

    def remove(self, row: M) -> None:
        """Delete a row."""
        self.session.delete(row)
        self.session.flush()

    @property
    def _id(self) -> Any:
        return self.model.__table__.c.id
