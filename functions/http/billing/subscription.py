"""The workspace's subscription: what it has, and beginning, changing and ending it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from billing.accounts.accounts import Person
from billing.accounts.statuses import ALIVE, DAY_S, GRANTS
from billing.accounts.subscriptions import Preview, Subscriptions, Wish
from billing.limits import held as keeping
from billing.plans.plan import AtLimit, Interval
from billing.usage.reports import LimitUse, limits_used
from functions.http.access import parts_of, require
from functions.http.billing.plans import granted
from functions.http.endpoint import group, problems
from functions.http.shapes import In, Moment, Out, moment
from functions.parts import Parts
from layers.clock import rfc3339
from layers.database.repositories.users import get_user, get_workspace
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.settings import BillingMode

router = group("billing", "/billing")

STATE = problems(
    _402="The payment was refused.",
    _409="Billing is off, or that does not fit what the workspace has.",
    _503="Stripe cannot be reached; nothing was changed.",
)


class WishIn(In):
    """A plan, and how it is paid."""

    plan: str = Field(max_length=31, examples=["pro"])
    interval: Interval = "month"
    seats: int = Field(default=1, ge=1, le=10_000)

    def wish(self) -> Wish:
        """The same for billing."""
        return Wish(self.plan, self.interval, self.seats)


class CheckoutIn(WishIn):
    """What to subscribe to."""

    currency: str | None = Field(
        default=None, pattern=r"^[a-z]{3}$", description="The instance's own if left out."
    )


class ChangeIn(WishIn):
    """What to change to."""

    preview: bool = Field(default=False, description="Only say what it would cost.")
    proration_date: int | None = Field(
        default=None,
        ge=0,
        le=4_102_444_800,
        description="Of the preview that was agreed to: then exactly that is charged.",
    )


class CheckoutOut(Out):
    """Stripe's page, on which to pay."""

    id: str
    url: str


class UrlOut(Out):
    """Where to go."""

    url: str


class LimitOut(Out):
    """A limit that fills up within a month of usage."""

    name: str
    included: int | None = Field(description="Null for without limit.")
    ceiling: int | None = Field(description="With what may be paid beyond the plan.")
    used: int
    forecast: int = Field(description="At the end of the month of usage, if it goes on like this.")
    reached_at: Moment | None = Field(description="When the ceiling is reached at this pace.")
    at_limit: AtLimit
    overage_cap: int
    overage_price: str | None = Field(description="What one more costs, in minor units.")

    @classmethod
    def of(cls, one: LimitUse, entitlements: Any, currency: str) -> LimitOut:
        """A limit as it goes out."""
        price = entitlements.plan.overage.get(one.name, {}).get(currency)
        return cls(
            name=one.name,
            included=one.included,
            ceiling=one.ceiling,
            used=one.used,
            forecast=one.forecast,
            reached_at=rfc3339(one.reached_at),
            at_limit=entitlements.at_limit.get(one.name, "refuse"),
            overage_cap=entitlements.overage_caps.get(one.name, 0),
            overage_price=None if price is None else str(price),
        )


class SubscriptionOut(Out):
    """What the workspace has; `plan` is the plan that holds now, whatever was paid for."""

    mode: BillingMode = Field(description="`off`: nothing is counted; `open`: free without limits.")
    plan: str
    plan_name: str
    subscribed_plan: str | None = Field(description="Of the subscription, if there is one.")
    status: str | None = Field(description="Of the subscription, in Stripe's words; null: none.")
    interval: Interval | None
    seats: int | None
    amount: int | None = Field(description="What is paid each interval, in minor units.")
    currency: str
    current_period_start: Moment | None
    current_period_end: Moment | None
    trial_end: Moment | None
    may_try: bool = Field(description="Whether a trial is still to be had.")
    cancel_at_period_end: bool
    grace_until: Moment | None = Field(description="Until when a plan holds that is not paid.")
    banner: str | None
    usage_period_start: Moment
    usage_period_end: Moment
    limits: list[LimitOut]
    included: dict[str, int | None] = Field(description="Every limit of the plan, by name.")
    features: dict[str, bool]
    held_executions: int = Field(description="Kept because the plan had no room for them.")
    synchronized_at: Moment | None


class PreviewLine(Out):
    """A line of what a change would cost."""

    description: str | None
    quantity: int | None
    amount: int
    is_proration: bool


class ChangePreviewOut(Out):
    """What a change costs at once; send `proration_date` along to agree to exactly that."""

    preview: Literal[True] = True
    currency: str
    total: int = Field(description="Below zero it goes to the balance, for the next invoices.")
    amount_due: int = Field(description="What is charged now.")
    lines: list[PreviewLine]
    proration_date: int

    @classmethod
    def of(cls, found: Preview) -> ChangePreviewOut:
        """A preview as it goes out."""
        return cls(
            currency=found.currency,
            total=found.total,
            amount_due=found.amount_due,
            lines=[PreviewLine.model_validate(one) for one in found.lines],
            proration_date=found.proration_date,
        )


@router.get("/subscription")
def read_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.WORKSPACE_READ)]
) -> SubscriptionOut:
    """Say which plan holds, how far its limits are used, and how it is paid."""
    return _subscription(parts_of(request), caller)


@router.post("/checkout", responses=STATE)
def begin_checkout(
    body: CheckoutIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> CheckoutOut:
    """Begin a subscription on Stripe's page; the plan holds once Stripe says it is paid."""
    parts = parts_of(request)
    back = f"{parts.settings.server.public_url}/settings/billing"
    currency = body.currency or parts.settings.billing.currency
    session = Subscriptions(parts.accounts).checkout(
        person_of(parts, caller), body.wish(), currency, back
    )
    put_on_record(parts, caller, "billing.checkout_begun", body.model_dump())
    return CheckoutOut(id=session["id"], url=session["url"])


@router.post("/change", responses=STATE)
def change_subscription(
    body: ChangeIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> ChangePreviewOut | SubscriptionOut:
    """Change the plan, its interval or its seats; with `preview` only say what that costs."""
    parts = parts_of(request)
    subscriptions = Subscriptions(parts.accounts)
    if body.preview:
        return ChangePreviewOut.of(subscriptions.preview(caller.workspace_id, body.wish()))
    subscriptions.change(caller.workspace_id, body.wish(), body.proration_date)
    put_on_record(parts, caller, "billing.changed", body.model_dump(exclude={"preview"}))
    return _subscription(parts, caller)


@router.post("/cancel", responses=STATE)
def cancel_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Let the subscription end with its period; until then nothing changes."""
    return _end_with_period(request, caller, True)


@router.post("/resume", responses=STATE)
def resume_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Let the subscription go on after all."""
    return _end_with_period(request, caller, False)


@router.post("/portal", responses=STATE)
def open_portal(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> UrlOut:
    """Open Stripe's customer portal, which leads back to the billing page."""
    parts = parts_of(request)
    back = f"{parts.settings.server.public_url}/settings/billing"
    customer_id = parts.accounts.customer(person_of(parts, caller))
    return UrlOut(url=parts.accounts.gateway.portal(customer_id, back))


@router.post("/refresh", status_code=204, response_model=None, responses=STATE)
def refresh_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> Response:
    """Read everything from Stripe again, such as after coming back from its page."""
    parts = parts_of(request)
    if parts.accounts.read(caller.workspace_id).customer_id is not None:
        parts.accounts.refresh(caller.workspace_id)
    return Response(status_code=204)


def person_of(parts: Parts, caller: Caller) -> Person:
    """Who a customer is made for."""
    with parts.database.read() as session:
        name = get_workspace(session, caller.workspace_id).name
        email = get_user(session, caller.user_id).email
    return Person(caller.workspace_id, name, email)


def _end_with_period(request: Request, caller: Caller, ends: bool) -> SubscriptionOut:
    parts = parts_of(request)
    Subscriptions(parts.accounts).end_with_period(caller.workspace_id, ends)
    put_on_record(parts, caller, "billing.cancelled" if ends else "billing.resumed", {})
    return _subscription(parts, caller)


def _subscription(parts: Parts, caller: Caller) -> SubscriptionOut:
    now = parts.clock.now()
    account = parts.accounts.read(caller.workspace_id)
    entitlements = granted(parts, caller)
    with parts.database.reading() as connection:
        used = limits_used(connection, entitlements, now)
        held = keeping.number_held(connection, caller.workspace_id)
    grant = GRANTS.get(account.status or "")
    grace = None
    if grant is not None and grant.grace_days and account.past_due_since is not None:
        grace = account.past_due_since + grant.grace_days * DAY_S
    currency = account.currency or parts.settings.billing.currency
    sees_money = caller.may(Permission.BILLING_READ)
    has_plan = account.plan_version_id is not None and account.status in ALIVE
    return SubscriptionOut(
        mode=parts.settings.billing.mode,
        plan=entitlements.plan.plan,
        plan_name=entitlements.plan.name,
        subscribed_plan=account.plan if has_plan else None,
        status=account.status,
        interval=account.interval,
        seats=account.seats,
        amount=account.amount if sees_money else None,
        currency=currency,
        current_period_start=rfc3339(account.period_start),
        current_period_end=rfc3339(account.period_end),
        trial_end=rfc3339(account.trial_end),
        may_try=not account.trialed,
        cancel_at_period_end=bool(account.cancel_at_period_end),
        grace_until=rfc3339(grace),
        banner=None if grant is None else grant.banner,
        usage_period_start=moment(entitlements.period.start),
        usage_period_end=moment(entitlements.period.end),
        limits=[LimitOut.of(one, entitlements, currency) for one in used],
        included=dict(entitlements.limits),
        features=dict(entitlements.features),
        held_executions=held,
        synchronized_at=rfc3339(account.synchronized_at),
    )


def put_on_record(parts: Parts, caller: Caller, action: str, detail: dict[str, Any]) -> None:
    """Write into the audit log what somebody did about payments."""
    target = f"workspace:{caller.workspace_id}"
    with parts.database.write() as session:
        record(session, caller.workspace_id, caller.actor, action, target, detail)
