"""What a workspace's plan is asked before something is made: each check raises LimitReached."""

from __future__ import annotations

from sqlalchemy.orm import Session

from billing.limits.entitlements import Entitlements
from billing.limits.plan_limits import PlanLimits
from billing.limits.too_much import WorkflowDemand
from billing.usage.storage import stored_bytes
from functions.parts import Parts
from functions.schedules import shortest_pause
from layers.database.models import Workflow
from layers.database.repositories.invitations import Invitations
from layers.database.repositories.members import Members
from layers.database.repositories.workflows import Workflows
from layers.engine.core.plan import Plan, compile_plan
from layers.errors import InvalidInput
from layers.jsontext import loads


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
    _check_size(limits, held, plan)
    if held.limit("minimum_poll_seconds") is not None:
        for node_id, pause in _shortest_pauses(plan, parts.clock.now()).items():
            what = f"The pause in seconds between two looks of {node_id!r}"
            limits.check_at_least(held, "minimum_poll_seconds", pause, what)


def check_run(parts: Parts, workspace_id: str, plan: Plan) -> None:
    """What somebody wants to run now must not ask for more than the plan has.

    The engine and the sandbox hold every run to it; this tells who waits for an answer at once.
    """
    limits = parts.plan_limits
    if not limits.hold:
        return
    with parts.database.reading() as connection:
        held = limits.of(connection, workspace_id, parts.clock.now())
    _check_size(limits, held, plan)


def check_trial(parts: Parts, workspace_id: str, memory_mb: int, seconds: float) -> None:
    """Code that somebody tries out must not ask for more than the plan has."""
    limits = parts.plan_limits
    if limits.hold:
        with parts.database.reading() as connection:
            held = limits.of(connection, workspace_id, parts.clock.now())
        limits.check_code(held, memory_mb, seconds)


def check_member(parts: Parts, session: Session, workspace_id: str, *, joins: bool = False) -> None:
    """One more member must fit; who is invited counts, unless it is somebody who ``joins``."""
    limits = parts.plan_limits
    if not limits.hold:
        return
    members = Members(session, workspace_id)
    members.hold()
    now = parts.clock.now()
    number = members.number()
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


def _check_size(limits: PlanLimits, held: Entitlements, plan: Plan) -> None:
    seconds = plan.definition.settings.timeout_s
    limits.check_at_most(held, "timeout_seconds", seconds, "The workflow's time limit in seconds")
    for node in plan.nodes:
        used = node.traits.sandbox
        if used is not None and not node.definition.disabled:
            of = f" of the node {node.id!r}"
            limits.check_code(held, used.memory_mb, used.timeout_s, of)


def demand_of(parts: Parts, workspace_id: str, definition: str) -> WorkflowDemand:
    """What a version's nodes ask for; it is given as its JSON text."""
    try:
        plan = compile_plan(loads(definition), parts.catalogue, workspace_id, stored=True)
    except InvalidInput:
        return WorkflowDemand()  # It was saved when its nodes were others.
    sandbox = {
        node.definition.name or node.id: node.traits.sandbox
        for node in plan.nodes
        if node.traits.sandbox is not None and not node.definition.disabled
    }
    return WorkflowDemand(sandbox, _shortest_pauses(plan, parts.clock.now()))


def _shortest_pauses(plan: Plan, now: float) -> dict[str, float]:
    zone = plan.definition.settings.timezone
    pauses = {node.id: shortest_pause(node, zone, now) for node in plan.triggers()}
    return {node_id: pause for node_id, pause in pauses.items() if pause is not None}
