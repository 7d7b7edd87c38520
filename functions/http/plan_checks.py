"""What a workspace's plan is asked before something is made: each check raises LimitReached."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from billing.storage import stored_bytes
from functions.parts import Parts
from functions.schedules import next_starts
from layers.contract import Trigger
from layers.database.models import Workflow
from layers.database.repositories.invitations import Invitations
from layers.database.repositories.members import Members
from layers.database.repositories.workflows import Workflows
from layers.engine.plan import Plan, PlanNode


def check_feature(parts: Parts, session: Session, workspace_id: str, name: str) -> None:
    """The plan must include a feature."""
    if parts.plan_limits.hold:
        held = parts.plan_limits.of(session.connection(), workspace_id, parts.clock.now())
        parts.plan_limits.check_feature(held, name)


def check_activation(parts: Parts, session: Session, workflow: Workflow, plan: Plan) -> None:
    """One more active workflow, with what it asks for, must fit; an active one may stay."""
    limits = parts.plan_limits
    if not limits.hold:
        return
    workspace_id = workflow.workspace_id
    Members(session, workspace_id).hold()
    held = limits.of(session.connection(), workspace_id, parts.clock.now())
    others = Workflows(session, workspace_id).count_active(but=workflow.id)
    if not workflow.active:
        limits.check_one_more(held, "active_workflows", others)
        stored = stored_bytes(session.connection(), workspace_id, parts.clock.now())
        limits.check_one_more(held, "storage_bytes", stored)
    settings = plan.definition.settings
    limits.check_at_most(
        held, "timeout_seconds", settings.timeout_s, "The workflow's time limit in seconds"
    )
    for node in plan.nodes:
        kind = node.definition.type
        if kind == "python":
            what = f"of the node {node.id!r}"
            params: Any = node.params
            memory, seconds = params.memory_mb, params.timeout_s
            limits.check_at_most(held, "sandbox_memory_mb", memory, f"The memory in MiB {what}")
            limits.check_at_most(held, "timeout_seconds", seconds, f"The time in seconds {what}")
        elif kind == "schedule" and held.limit("minimum_poll_seconds") is not None:
            what = f"The pause in seconds between two starts by {node.id!r}"
            limits.check_at_least(
                held, "minimum_poll_seconds", _shortest_pause(parts, node, settings.timezone), what
            )


def check_member(parts: Parts, session: Session, workspace_id: str, *, joins: bool = False) -> None:
    """One more member must fit; who is invited counts, unless it is somebody who ``joins``."""
    limits = parts.plan_limits
    if not limits.hold:
        return
    members = Members(session, workspace_id)
    members.hold()
    now = parts.clock.now()
    number = len(members.all())
    if not joins:
        number += Invitations(session, workspace_id).count_open(now)
    held = limits.of(session.connection(), workspace_id, now)
    limits.check_one_more(held, "members", number)


def check_retention(parts: Parts, session: Session, workspace_id: str, days: int | None) -> None:
    """Executions cannot be kept longer than the plan keeps them; None is for ever."""
    limits = parts.plan_limits
    if not limits.hold:
        return
    held = limits.of(session.connection(), workspace_id, parts.clock.now())
    wanted = float("inf") if days is None else days
    if days is not None:
        limits.check_at_most(held, "retention_days", wanted, "The number of days")


def _shortest_pause(parts: Parts, node: PlanNode, zone: str) -> float:
    trigger: Trigger[Any] = node.type  # type: ignore[assignment]
    starts = next_starts(trigger, node.params, zone, parts.clock.now(), parts.http)
    return min((later - earlier for earlier, later in pairwise(starts)), default=float("inf"))
