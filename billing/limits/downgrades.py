"""When a smaller plan holds: what was chosen stops, and after a grace what is beyond it, too.

Nothing is deleted. Who chose nothing has ``GRACE_DAYS`` days; then the workflows that ran last
stay active, as many as the plan includes, and the others are deactivated. Members are suspended
only where somebody chose them: nobody is put out by a rule.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from billing.accounts.account_row import ensure_account
from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, open_alerts, raise_alert, resolve
from billing.limits.entitlements import Entitlements, all_entitlements, entitlements_of
from billing.limits.too_much import GRACE_DAYS, active_workflows
from layers import jsontext
from layers.clock import Clock
from layers.database import Database
from layers.database.models import Workflow
from layers.database.repositories.workflows import Workflows
from layers.engine.activation import deactivate
from layers.errors import NotFound
from layers.identity.audit import record
from layers.identity.members import suspend_member
from layers.settings import BillingSettings

NOTICE_DAYS = 3
"""So many days before it, what is going to be deactivated is told again."""
SYSTEM = "system:billing"
CANDIDATES = text(
    "SELECT w.workspace_id, count(*) AS active FROM workflows w WHERE w.active"
    " AND w.deleted_at IS NULL GROUP BY w.workspace_id"
)
WAITING = text(
    "SELECT workspace_id FROM billing_accounts WHERE downgrade_choice IS NOT NULL"
    " OR above_limits_since IS NOT NULL"
)
STATE = text(
    "SELECT downgrade_choice, above_limits_since FROM billing_accounts"
    " WHERE workspace_id = :workspace_id"
)
SET_CHOICE = text(
    "UPDATE billing_accounts SET downgrade_choice = :choice WHERE workspace_id = :workspace_id"
)
SET_SINCE = text(
    "UPDATE billing_accounts SET above_limits_since = :since WHERE workspace_id = :workspace_id"
)


@dataclass(frozen=True)
class Choice:
    """What is to stop when ``plan`` with ``seats`` begins to hold, as ``actor`` chose."""

    plan: str
    seats: int
    actor: str
    deactivate_workflow_ids: tuple[str, ...] = ()
    remove_member_ids: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen."""
        return not self.deactivate_workflow_ids and not self.remove_member_ids


def keep_choice(connection: Connection, workspace_id: str, choice: Choice | None) -> None:
    """Keep what was chosen until its plan holds, in place of what was chosen before."""
    kept = None if choice is None or choice.is_empty else jsontext.dumps(asdict(choice))
    connection.execute(SET_CHOICE, {"workspace_id": workspace_id, "choice": kept})


class Downgrades:
    """Holds workspaces to smaller plans; done twice, or by two at once, it changes nothing."""

    def __init__(self, database: Database, clock: Clock, settings: BillingSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    def keep_limits(self) -> int:
        """Look at every workspace that may be beyond its plan; returns how many workflows ended."""
        now = self._clock.now()
        with self._database.reading() as connection:
            granted = all_entitlements(connection, self._settings, now)
            found = {
                row.workspace_id
                for row in connection.execute(CANDIDATES)
                if _is_beyond(granted.get(row.workspace_id), row.active)
            }
            found |= set(connection.scalars(WAITING))
        return sum(self.keep(workspace_id) for workspace_id in sorted(found))

    def keep(self, workspace_id: str) -> int:
        """Apply what was chosen if its plan holds, and hold active workflows to the plan."""
        now = self._clock.now()
        values = {"workspace_id": workspace_id}
        with self._database.reading() as connection:
            held = entitlements_of(connection, self._settings, workspace_id, now)
            state = connection.execute(STATE, values).one_or_none()
            beyond = _beyond(connection, held)
        choice = _choice(state)
        if not beyond and choice is None and (state is None or state.above_limits_since is None):
            return 0
        with self._database.write() as session:
            connection = session.connection()
            ensure_account(connection, workspace_id, now)
            ended = _apply(session, held, choice, now) if _is_due(choice, held) else 0
            return ended + _hold(session, held, now)


def _choice(state: Any) -> Choice | None:
    if state is None or state.downgrade_choice is None:
        return None
    found = jsontext.loads(state.downgrade_choice)
    lists = ("deactivate_workflow_ids", "remove_member_ids")
    return Choice(**{**found, **{name: tuple(found[name]) for name in lists}})


def _is_due(choice: Choice | None, held: Entitlements) -> bool:
    return choice is not None and (choice.plan, choice.seats) == (held.plan.plan, held.seats)


def _is_beyond(held: Entitlements | None, active: int) -> bool:
    limit = None if held is None else held.limit("active_workflows")
    return limit is not None and active > limit


def _beyond(connection: Connection, held: Entitlements) -> list[Any]:
    """The active workflows that the plan has no room for, by the rule."""
    limit = held.limit("active_workflows")
    return [] if limit is None else active_workflows(connection, held.workspace_id)[limit:]


def _apply(session: Session, held: Entitlements, choice: Choice | None, now: float) -> int:
    assert choice is not None
    ended = 0
    for workflow_id in choice.deactivate_workflow_ids:
        ended += _deactivate(session, held.workspace_id, workflow_id, choice.actor, now)
    for user_id in choice.remove_member_ids:
        suspend_member(session, held.workspace_id, user_id, choice.actor, now)
    keep_choice(session.connection(), held.workspace_id, None)
    return ended


def _hold(session: Session, held: Entitlements, now: float) -> int:
    """Begin the grace, tell of it, or end what is beyond the plan once it is over."""
    connection = session.connection()
    workspace_id = held.workspace_id
    beyond = _beyond(connection, held)
    since = connection.execute(STATE, {"workspace_id": workspace_id}).one().above_limits_since
    if not beyond:
        _set_since(connection, workspace_id, None)
        for row in open_alerts(connection, workspace_id, "above_limits"):
            if not row.key.startswith("above_limits:deactivated:"):
                resolve(connection, workspace_id, row.key, now)
        return 0
    if since is None:
        since = now
        _set_since(connection, workspace_id, now)
    ends_at = since + GRACE_DAYS * DAY_S
    if now < ends_at:
        soon = now >= ends_at - NOTICE_DAYS * DAY_S
        _tell(connection, held, "soon" if soon else "since", (since, ends_at), len(beyond), now)
        return 0
    ended = sum(_deactivate(session, workspace_id, one.id, SYSTEM, now) for one in beyond)
    for row in open_alerts(connection, workspace_id, "above_limits"):
        resolve(connection, workspace_id, row.key, now)
    _tell(connection, held, "deactivated", (since, now), ended, now)
    _set_since(connection, workspace_id, None)
    return ended


def _tell(
    connection: Connection,
    held: Entitlements,
    change: str,
    moments: tuple[float, float],
    number: int,
    now: float,
) -> None:
    """``moments`` are since when it is so, and when it ends or ended."""
    since, at = moments
    key = f"above_limits:{change}:{int(since)}"
    detail = {"change": change, "plan": held.plan.plan, "at": at, "number": number}
    detail["limit"] = held.limit("active_workflows")
    raise_alert(connection, Alert(held.workspace_id, "above_limits", key, "warning", detail), now)


def _set_since(connection: Connection, workspace_id: str, since: float | None) -> None:
    connection.execute(SET_SINCE, {"workspace_id": workspace_id, "since": since})


def _deactivate(
    session: Session, workspace_id: str, workflow_id: str, actor: str, now: float
) -> int:
    try:
        workflow: Workflow = Workflows(session, workspace_id).lock(workflow_id)
    except NotFound:
        return 0
    if not workflow.active:
        return 0
    deactivate(session, workflow, now)
    workflow.active = False
    workflow.active_version_id = None
    target = f"workflow:{workflow_id}"
    detail = {"name": workflow.name, "reason": "plan"}
    record(session, workspace_id, actor, "workflow.deactivated", target, detail)
    return 1
