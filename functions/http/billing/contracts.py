"""For the instance's administrator: workspaces that are invoiced by contract."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from billing.accounts.contracts import Contract, Contracts
from billing.plans.plan import Interval
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE
from functions.http.endpoint import group, problems
from functions.http.shapes import Identifier, In, Moment, Out
from layers.clock import rfc3339
from layers.errors import NotAllowed
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("instance", "/instance/contracts")


class ContractIn(In):
    """What was agreed: a plan, and what it costs; paid by bank transfer."""

    workspace_id: Identifier
    plan: str = Field(max_length=31, examples=["enterprise"])
    interval: Interval = "year"
    seats: int = Field(default=1, ge=1, le=10_000)
    currency: str = Field(pattern=r"^[a-z]{3}$", examples=["eur"])
    unit_amount: int = Field(
        ge=0, le=10**11, description="Per seat and interval, in the currency's minor unit."
    )
    days_until_due: int = Field(default=30, ge=1, le=365)


class ContractOut(Out):
    """The subscription that came of it."""

    workspace_id: str
    plan: str
    status: str | None
    amount: int | None
    currency: str | None
    days_until_due: int | None
    current_period_end: Moment | None


@router.post(
    "", status_code=201, responses={**STATE, **problems(_404="There is no such workspace.")}
)
def begin_contract(
    body: ContractIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> ContractOut:
    """Have a workspace invoiced by contract; only for the administrator."""
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")
    parts = parts_of(request)
    Contracts(parts.accounts).begin(Contract(**body.model_dump()))
    with parts.database.write() as session:
        target = f"workspace:{body.workspace_id}"
        detail = body.model_dump(exclude={"workspace_id"})
        record(session, body.workspace_id, caller.actor, "billing.contract_begun", target, detail)
    account = parts.accounts.read(body.workspace_id)
    return ContractOut(
        workspace_id=body.workspace_id,
        plan=account.plan,
        status=account.status,
        amount=account.amount,
        currency=account.currency,
        days_until_due=account.days_until_due,
        current_period_end=rfc3339(account.period_end),
    )
