"""Hard budgets: what a workflow or an execution may use at most, checked before it is used."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from billing.limits.budgets import add_budget, budgets_of, remove_budget
from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import Identifier, In, Listing, Moment, Out, PathId, moment
from layers.database.repositories.workflows import Workflows
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("billing", "/billing/budgets")

Scope = Literal["month", "execution"]
BudgetMeter = Literal["ai_tokens", "ai_cost", "sandbox_cpu_ms"]


class BudgetIn(In):
    """A budget."""

    workflow_id: str | None = Field(
        default=None, max_length=100, description="Of each workflow alike if left out."
    )
    scope: Scope = Field(description="For a month of usage, or for one execution.")
    meter: BudgetMeter = Field(
        description="`ai_cost` is in micro-dollars: 1 000 000 are one dollar."
    )
    amount: int = Field(ge=0, le=10**15)


class BudgetOut(Out):
    """A budget."""

    id: Identifier
    workflow_id: Identifier | None
    scope: Scope
    meter: BudgetMeter
    amount: int
    created_at: Moment


@router.get("")
def list_budgets(
    request: Request, caller: Annotated[Caller, require(Permission.WORKSPACE_READ)]
) -> Listing[BudgetOut]:
    """List the budgets."""
    with parts_of(request).database.reading() as connection:
        rows = budgets_of(connection, caller.workspace_id)
    items = [
        BudgetOut(
            id=row.id,
            workflow_id=row.workflow_id,
            scope=row.scope,
            meter=row.meter,
            amount=row.amount,
            created_at=moment(row.created_at),
        )
        for row in rows
    ]
    return Listing(items=items, next_cursor=None)


@router.post("", status_code=201, responses=problems(_404="There is no such workflow."))
def create_budget(
    body: BudgetIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> BudgetOut:
    """Set a budget; what would go beyond it is refused before it happens."""
    parts = parts_of(request)
    now = parts.clock.now()
    with parts.database.write() as session:
        if body.workflow_id is not None:
            Workflows(session, caller.workspace_id).get(body.workflow_id)
        values = {**body.model_dump(), "workspace_id": caller.workspace_id, "now": now}
        budget_id = add_budget(session.connection(), values)
        detail = body.model_dump()
        target = f"budget:{budget_id}"
        record(session, caller.workspace_id, caller.actor, "budget.created", target, detail)
    return BudgetOut(id=budget_id, created_at=moment(now), **body.model_dump())


@router.delete("/{budget_id}", status_code=204)
def delete_budget(
    budget_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> None:
    """Take a budget away."""
    with parts_of(request).database.write() as session:
        remove_budget(session.connection(), caller.workspace_id, budget_id)
        target = f"budget:{budget_id}"
        record(session, caller.workspace_id, caller.actor, "budget.deleted", target)
