"""Prepaid credits: what there is, buying more, and what the administrator grants."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field
from sqlalchemy import Row

from billing.accounts.accounts import request_key
from billing.credits import grants
from billing.credits.purchases import MARK
from billing.plans.catalogue import CREDITS, plan_of_version
from billing.plans.plan import plans_in
from billing.taxes.taxation import Taxation
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE, CheckoutOut, person_of, put_on_record
from functions.http.endpoint import group, problems
from functions.http.shapes import Identifier, In, Instant, Moment, Name, Out, moment
from functions.parts import Parts
from layers.clock import rfc3339
from layers.database.repositories.users import workspace_exists
from layers.errors import FieldError, InvalidInput, NotAllowed, NotFound
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("billing", "/billing/credits")
administration = group("instance", "/instance/credits")


class PurchaseIn(In):
    """How much to buy, in the minor unit of the workspace's currency."""

    amount: int = Field(ge=100, le=100_000_000)


class GrantIn(In):
    """Credits that a workspace is given."""

    workspace_id: Identifier
    amount: int = Field(ge=1, le=100_000_000, description="In the currency's minor unit.")
    currency: str | None = Field(
        default=None, pattern=r"^[a-z]{3}$", description="The workspace's own if left out."
    )
    category: Literal["paid", "promotional"] = "promotional"
    expires_at: Instant | None = Field(default=None, description="Never if left out.")
    reason: Name


class GrantOut(Out):
    """Credits that were given; amounts in the currency's minor unit."""

    id: Identifier
    category: Literal["paid", "promotional"]
    currency: str
    amount: int
    amount_left: int = Field(description="Neither used nor voided.")
    reason: str = Field(description="Empty for what was bought.")
    effective_at: Moment
    expires_at: Moment | None
    is_expired: bool
    invoice_id: str | None = Field(description="Of a purchase.")

    @classmethod
    def of(cls, row: Row[Any], now: float) -> GrantOut:
        """A row as it goes out."""
        return cls(
            id=row.id,
            category=row.category,
            currency=row.currency,
            amount=row.amount,
            amount_left=int(row.amount_left),
            reason=row.reason,
            effective_at=moment(row.effective_at),
            expires_at=rfc3339(row.expires_at),
            is_expired=row.expires_at is not None and row.expires_at <= now,
            invoice_id=row.invoice_id,
        )


class CreditMovement(Out):
    """What became of credits: `used` for overage, `returned`, or `voided` with a refund."""

    kind: Literal["used", "returned", "voided"]
    amount: int = Field(description="Below zero it was given back.")
    currency: str
    limit: str | None = Field(description="The limit that was gone beyond.")
    usage_month: Moment | None = Field(description="When the month of usage began.")
    created_at: Moment


class CreditsOut(Out):
    """The credits of a workspace. They are used for overage: what expires first goes first."""

    currency: str
    balance: int = Field(description="What can be used now, in minor units.")
    expiring_next: int = Field(description="How much of it expires first.")
    expires_next_at: Moment | None
    can_buy: bool
    grants: list[GrantOut] = Field(description="The newest first.")
    history: list[CreditMovement] = Field(description="The newest first.")


@router.get("")
def read_credits(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> CreditsOut:
    """Say how much credit there is, when it expires, and what it was used for."""
    parts = parts_of(request)
    now = parts.clock.now()
    workspace_id = caller.workspace_id
    currency = _currency(parts, workspace_id)
    with parts.database.reading() as connection:
        all_grants = grants.grants_of(connection, workspace_id)
        usable = grants.usable(connection, workspace_id, currency, now)
        history = grants.history_of(connection, workspace_id)
    expiring = [row for row in usable if row.expires_at is not None]
    first = expiring[0].expires_at if expiring else None
    return CreditsOut(
        currency=currency,
        balance=sum(int(row.amount_left) for row in usable),
        expiring_next=sum(int(row.amount_left) for row in expiring if row.expires_at == first),
        expires_next_at=rfc3339(first),
        can_buy=_sells_overage(parts, currency),
        grants=[GrantOut.of(row, now) for row in all_grants],
        history=[
            CreditMovement(
                kind=row.kind,
                amount=row.amount,
                currency=row.currency,
                limit=row.limit_name,
                usage_month=rfc3339(row.month_start),
                created_at=moment(row.created_at),
            )
            for row in history
        ],
    )


@router.post("", responses=STATE)
def buy_credits(
    body: PurchaseIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> CheckoutOut:
    """Buy credits on Stripe's page; they are there once Stripe says that they are paid."""
    parts = parts_of(request)
    currency = _currency(parts, caller.workspace_id)
    back = f"{parts.settings.server.public_url}/settings/billing"
    accounts = parts.accounts
    inclusive = _has_tax_within(parts, caller.workspace_id, currency)
    line = {
        "price_data": {
            "currency": currency,
            "product": CREDITS,
            "unit_amount": body.amount,
            "tax_behavior": "inclusive" if inclusive else "exclusive",
        },
        "quantity": 1,
    }
    taxation = Taxation(accounts.gateway, accounts.settings.tax)
    marks = {MARK: str(body.amount), "workspace_id": caller.workspace_id}
    session = accounts.for_customer(
        person_of(parts, caller),
        lambda customer_id: accounts.gateway.buy(
            customer_id,
            line,
            marks,
            taxation.for_checkout(customer_id, inclusive=inclusive),
            success_url=f"{back}?checkout=done",
            cancel_url=f"{back}?checkout=cancelled",
            key=request_key("credits"),
        ),
    )
    put_on_record(parts, caller, "billing.credits_checkout_begun", body.model_dump())
    return CheckoutOut(id=session["id"], url=session["url"])


@administration.post("", status_code=201, responses=problems(_404="There is no such workspace."))
def grant_credits(
    body: GrantIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> GrantOut:
    """Give a workspace credits; only for the administrator."""
    if not caller.is_administrator:
        raise NotAllowed
    parts = parts_of(request)
    now = parts.clock.now()
    expires_at = None if body.expires_at is None else body.expires_at.timestamp()
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(errors=[FieldError("/expires_at", "It has to be in the future.")])
    with parts.database.reading() as connection:
        if not workspace_exists(connection, body.workspace_id):
            raise NotFound("There is no such workspace.")
    grant = grants.Grant(
        workspace_id=body.workspace_id,
        category=body.category,
        currency=body.currency or _currency(parts, body.workspace_id),
        amount=body.amount,
        reason=body.reason,
        effective_at=now,
        expires_at=expires_at,
        created_by=caller.user_id,
    )
    with parts.database.write() as session:
        connection = session.connection()
        grant_id = grants.give(connection, grant, now)
        target = f"workspace:{body.workspace_id}"
        detail = body.model_dump(mode="json", exclude={"workspace_id"})
        record(session, body.workspace_id, caller.actor, "billing.credits_granted", target, detail)
        found = grants.grants_of(connection, body.workspace_id)
        row = next(one for one in found if one.id == grant_id)
    return GrantOut.of(row, now)


def _currency(parts: Parts, workspace_id: str) -> str:
    return str(parts.accounts.read(workspace_id).currency or parts.settings.billing.currency)


def _has_tax_within(parts: Parts, workspace_id: str, currency: str) -> bool:
    """Whether tax is within prices of the plan, and so within the credits that pay its overage."""
    version_id = parts.accounts.read(workspace_id).plan_version_id
    if version_id is None:
        return False
    with parts.database.reading() as connection:
        return plan_of_version(connection, version_id).has_tax_within(currency)


def _sells_overage(parts: Parts, currency: str) -> bool:
    billing = parts.settings.billing
    return bool(billing.stripe_key) and any(
        currency in prices for plan in plans_in(billing.plans) for prices in plan.overage.values()
    )
