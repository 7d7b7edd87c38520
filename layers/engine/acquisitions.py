"""What triggers want to hold at their providers: written with what wants it, done by schedulers.

So no request waits for a provider, and what was wanted is not forgotten when a process dies.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers import jsontext
from layers.database.models import Trigger as TriggerRow
from layers.database.models import TriggerAcquisition
from layers.engine.core.plan import Plan
from layers.engine.core.plan_node import PlanNode
from layers.ids import new_id


def want(
    session: Session, row: TriggerRow, node: PlanNode, plan: Plan, now: float
) -> TriggerAcquisition:
    """Have a trigger acquire what it needs; what it wanted before with the same settings stays.

    What it holds with other settings is given back.
    """
    params = jsontext.dumps(node.definition.params)
    others = node.definition.credentials
    settings = {
        "type": row.type,
        "params": params,
        "timezone": plan.definition.settings.timezone,
        "credential_id": node.definition.credential_id,
        "credentials": jsontext.dumps(others) if others else None,
        "route": row.route,
    }
    found: TriggerAcquisition | None = None
    for one in _wanted(session, row.id):
        if all(getattr(one, name) == value for name, value in settings.items()):
            found = one
        else:
            _give_up(one, now)
    if found is None:
        found = TriggerAcquisition(
            id=new_id(),
            workspace_id=row.workspace_id,
            workflow_id=row.workflow_id,
            trigger_id=row.id,
            node_id=row.node_id,
            wanted=True,
            due_at=now,
            created_at=now,
            **settings,
        )
        session.add(found)
    return found


def give_up(session: Session, trigger_id: str, now: float) -> None:
    """Have all given back that a trigger holds, or is about to acquire."""
    for one in _wanted(session, trigger_id):
        _give_up(one, now)


def _wanted(session: Session, trigger_id: str) -> Iterable[TriggerAcquisition]:
    query = select(TriggerAcquisition).where(
        TriggerAcquisition.trigger_id == trigger_id, TriggerAcquisition.wanted.is_(True)
    )
    # Whoever acquires it just now ends before, or sees afterwards that it is not wanted any more.
    return session.scalars(query.with_for_update()).all()


def _give_up(one: TriggerAcquisition, now: float) -> None:
    one.wanted = False
    one.failures = 0
    if one.lease_owner is None:
        one.due_at = now
