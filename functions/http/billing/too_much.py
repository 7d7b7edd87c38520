"""What the workspace has beyond a plan, and what of it is to stop when that plan holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from billing.accounts.subscriptions import PlanChoice
from billing.limits.downgrades import Choice, Downgrades, keep_choice
from billing.limits.entitlements import Entitlements, entitled_to, free_plan
from billing.limits.too_much import Effect, TooMuch, active_workflows, too_much
from billing.plans.plan import FREE, Interval, Plan, plans_in
from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import demand_of
from functions.http.endpoint import group
from functions.http.shapes import Identifier, In, Moment, Out, moment
from functions.parts import Parts
from layers.clock import rfc3339
from layers.database.models import Role
from layers.database.repositories.members import Members
from layers.errors import FieldError, InvalidInput
from layers.identity import Authenticator, Caller, Permission

router = group("billing", "/billing")

Chosen = Annotated[list[Identifier], Field(max_length=10_000)]


class ChoiceIn(In):
    """What is to stop when a smaller plan begins to hold; nothing of it is deleted."""

    deactivate_workflow_ids: Chosen = Field(
        default_factory=list, description="Active workflows, which are deactivated then."
    )
    remove_member_ids: Chosen = Field(
        default_factory=list,
        description="Members, who are suspended then: they cannot come in until they are restored.",
    )


class TooMuchItem(Out):
    """One thing of what is too much."""

    id: str
    name: str
    detail: str = Field(
        description="Of a workflow when it ran last (empty: never), of a member the role, of a"
        " step how much it asks for, of executions when they are deleted."
    )


class TooMuchOut(Out):
    """A limit or a feature, what is beyond it, and what will become of that."""

    name: str
    limit: int
    used: int
    effect: Effect = Field(
        description="`deactivated` and `deleted` happen at `at`; the others hold at once."
    )
    at: Moment | None
    items: list[TooMuchItem]

    @classmethod
    def of(cls, one: TooMuch) -> TooMuchOut:
        """The same as it goes out."""
        items = [TooMuchItem(id=it.id, name=it.name, detail=it.detail) for it in one.items]
        return cls(
            name=one.name,
            limit=one.limit,
            used=one.used,
            effect=one.effect,
            at=rfc3339(one.at),
            items=items,
        )


class TooMuchListing(Out):
    """What is beyond a plan that would hold from `begins_at` on."""

    plan: str
    plan_name: str
    seats: int
    begins_at: Moment
    items: list[TooMuchOut]


@dataclass(frozen=True)
class UpcomingPlan:
    """What holds after a change, from when on, and what the workspace has beyond it."""

    plan: Plan
    interval: Interval
    held: Entitlements
    begins_at: float | None
    too_much: list[TooMuchOut]

    def amount(self, currency: str) -> int:
        """What is paid each interval, without tax."""
        return self.plan.prices[self.interval][currency] * self.held.seats


@router.get("/too-much")
def list_too_much(
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_READ)],
    plan: Annotated[
        str | None,
        Query(max_length=31, description="The one that holds now if left out; `free` for the end."),
    ] = None,
    seats: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> TooMuchListing:
    """List what the workspace has beyond a plan, and what becomes of it when that plan holds."""
    parts = parts_of(request)
    now = parts.clock.now()
    account = parts.accounts.read(caller.workspace_id)
    with parts.database.reading() as connection:
        held = parts.plan_limits.of(connection, caller.workspace_id, now)
        begins_at = account.above_limits_since
        if plan is not None and (plan, seats or 1) != (held.plan.plan, held.seats):
            wanted = _plan_named(parts, plan)
            held = entitled_to(connection, caller.workspace_id, wanted, seats or 1, now)
            begins_at = account.period_end if plan == FREE else None
        found = too_much(
            connection,
            held,
            now,
            begins_at,
            partial(demand_of, parts, caller.workspace_id),
        )
    return TooMuchListing(
        plan=held.plan.plan,
        plan_name=held.plan.name,
        seats=held.seats,
        begins_at=moment(now if begins_at is None else begins_at),
        items=[TooMuchOut.of(one) for one in found],
    )


def coming(parts: Parts, caller: Caller, wanted: PlanChoice, *, later: bool) -> UpcomingPlan:
    """What a change leads to, at once or when the period ends."""
    now = parts.clock.now()
    plan = _plan_named(parts, wanted.plan)
    begins_at = parts.accounts.read(caller.workspace_id).period_end if later else None
    with parts.database.reading() as connection:
        held = entitled_to(connection, caller.workspace_id, plan, wanted.seats, now)
        found = too_much(
            connection,
            held,
            now,
            begins_at,
            partial(demand_of, parts, caller.workspace_id),
        )
    return UpcomingPlan(
        plan, wanted.interval, held, begins_at, [TooMuchOut.of(one) for one in found]
    )


def checked_choice(parts: Parts, caller: Caller, chosen: ChoiceIn, of: tuple[str, int]) -> Choice:
    """What somebody chose for when a plan with its seats holds; raises InvalidInput."""
    with parts.database.read() as session:
        rows = active_workflows(session.connection(), caller.workspace_id)
        members = Members(session, caller.workspace_id).all()
    owners = {one.user_id for one, _user in members if one.role == Role.OWNER}
    known = {one.user_id for one, _user in members} - {caller.user_id}
    errors = _unknown(
        "deactivate_workflow_ids",
        chosen.deactivate_workflow_ids,
        {row.id for row in rows},
        "This workspace has no active workflow with that id.",
    )
    errors += _unknown(
        "remove_member_ids",
        chosen.remove_member_ids,
        known,
        "Choose another member of this workspace; nobody can suspend themselves.",
    )
    if owners and owners <= set(chosen.remove_member_ids):
        errors.append(FieldError("/remove_member_ids", "An owner has to stay."))
    if errors:
        raise InvalidInput(errors=errors)
    return Choice(
        *of,
        actor=caller.actor,
        deactivate_workflow_ids=tuple(chosen.deactivate_workflow_ids),
        remove_member_ids=tuple(chosen.remove_member_ids),
    )


def keep_chosen(request: Request, caller: Caller, choice: Choice | None) -> None:
    """Keep a choice in place of what was chosen before; it is applied now if its plan holds."""
    parts = parts_of(request)
    with parts.database.writing() as connection:
        keep_choice(connection, caller.workspace_id, choice)
    Downgrades(parts.database, parts.clock, parts.settings.billing).keep(caller.workspace_id)
    authenticator: Authenticator = request.app.state.authenticator
    for user_id in () if choice is None else choice.remove_member_ids:
        authenticator.forget_user(user_id, caller.workspace_id)


def _unknown(
    member: str, given: Sequence[str], known: Mapping[str, object] | set[str], message: str
) -> list[FieldError]:
    return [
        FieldError(f"/{member}/{at}", message) for at, one in enumerate(given) if one not in known
    ]


def _plan_named(parts: Parts, name: str) -> Plan:
    plans = {one.plan: one for one in plans_in(parts.settings.billing.plans)}
    if name == FREE:
        return free_plan(parts.settings.billing)
    if name not in plans:
        raise InvalidInput(errors=[FieldError("?plan", f"Choose one of {', '.join(plans)}.")])
    return plans[name]
