"""Executions by filters, a page at a time, in a time that does not depend on how many there are.

What an index answers is read from it. Where none does, such as a part of an error's text, a page
looks through a bounded number of candidates, and says where the next one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, Subquery, func, literal_column, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from layers.database.models import Execution, ExecutionStatus
from layers.database.repositories.scope import Window
from layers.ids import bound_at

NEWEST = 200
"""So many of a workflow are looked at for one in which something happened."""
LOOKED_THROUGH = 300
"""So many candidates a page looks through at most."""
WITH_ERROR = frozenset(
    {ExecutionStatus.FAILED, ExecutionStatus.CANCELLED, ExecutionStatus.INTERRUPTED}
)
IN_STATUS_INDEXES = Execution.status != literal_column("'succeeded'")
"""What the indexes by status hold, in their words, so that both databases see they may use them."""


@dataclass(frozen=True)
class ExecutionFilter:
    """What executions have to be like; moments are Unix seconds, ``error`` a part of its text."""

    workflow_id: str | None = None
    status: Sequence[str] = field(default_factory=list)
    manual: bool | None = None
    since: float | None = None
    until: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class Found:
    """Rows, newest first; ``go_on`` is the ``before`` of the next page, None at the end.

    A page may be short, or empty, and yet have a next one.
    """

    rows: Sequence[Execution]
    go_on: str | None


def search(session: Session, workspace_id: str, wanted: ExecutionFilter, window: Window) -> Found:
    """One page of a workspace's executions that a filter finds."""
    statuses, conditions = _plan(wanted)
    if statuses is not None and not statuses:
        return Found([], None)
    most = LOOKED_THROUGH if conditions else window.limit + 1
    streams = [_stream(workspace_id, wanted, window, one, most) for one in statuses or (None,)]
    candidates = _merged(streams, most)
    query = select(Execution).join(candidates, candidates.c.id == Execution.id).where(*conditions)
    rows = session.scalars(query.order_by(Execution.id.desc()).limit(window.limit + 1)).all()
    if len(rows) > window.limit:
        return Found(rows[: window.limit], rows[window.limit - 1].id)
    return Found(rows, _looked_up_to(session, candidates) if conditions else None)


def _plan(wanted: ExecutionFilter) -> tuple[Sequence[str] | None, list[ColumnElement[bool]]]:
    """By which statuses the indexes are read (None: by none), and what is left to look at."""
    conditions: list[ColumnElement[bool]] = []
    statuses = None if not wanted.status else sorted(set(wanted.status))
    if wanted.error:
        conditions.append(Execution.error.icontains(wanted.error, autoescape=True))
        statuses = sorted(WITH_ERROR if statuses is None else WITH_ERROR.intersection(statuses))
    if wanted.manual is not None:
        conditions.append(Execution.manual.is_(wanted.manual))
    if statuses is not None and ExecutionStatus.SUCCEEDED in statuses:
        # Most succeed: there is no index of them by status.
        conditions.append(Execution.status.in_(statuses))
        statuses = None
    return statuses, conditions


def _stream(
    workspace_id: str, wanted: ExecutionFilter, window: Window, status: str | None, most: int
) -> Select[str]:
    """The ids that one index gives, newest first."""
    query = select(Execution.id)
    if wanted.workflow_id is None:
        query = query.where(Execution.workspace_id == workspace_id)
    else:
        query = query.where(*of_workflow(workspace_id, wanted.workflow_id))
    if status is not None:
        query = query.where(Execution.status == status, IN_STATUS_INDEXES)
    # An id says when it was made.
    if wanted.since is not None:
        query = query.where(Execution.id >= bound_at(wanted.since))
    if wanted.until is not None:
        query = query.where(Execution.id < bound_at(wanted.until))
    if window.before is not None:
        query = query.where(Execution.id < window.before)
    return query.order_by(Execution.id.desc()).limit(most)


def of_workflow(
    workspace_id: str, workflow_id: str | InstrumentedAttribute[str]
) -> tuple[ColumnElement[bool], ...]:
    """Which executions are a workflow's, asked so that only the indexes by workflow can answer.

    By those of the workspace one would go through all that began since a quiet workflow last ran,
    and SQLite prefers them where it has the choice. ``workflow_id`` may be another query's column.
    """
    return (
        Execution.workflow_id == workflow_id,
        func.coalesce(Execution.workspace_id, "") == workspace_id,
    )


def _merged(streams: Sequence[Select[str]], most: int) -> Subquery:
    if len(streams) == 1:
        return streams[0].subquery()
    parts = [select(stream.subquery().c.id) for stream in streams]
    whole = union_all(*parts).subquery()
    return select(whole.c.id).order_by(whole.c.id.desc()).limit(most).subquery()


def _looked_up_to(session: Session, candidates: Subquery) -> str | None:
    """The oldest candidate, if there may be more behind it."""
    number, oldest = session.execute(
        select(func.count(), func.min(candidates.c.id)).select_from(candidates)
    ).one()
    return oldest if number == LOOKED_THROUGH else None
