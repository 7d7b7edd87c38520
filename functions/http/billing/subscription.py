"""The workspace's subscription: what it has, and beginning, changing and ending it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from billing.accounts.accounts import Person
from billing.accounts.remedies import Remedies
from billing.accounts.scheduled_changes import ScheduledChanges
from billing.accounts.statuses import ALIVE, DAY_S, GRANTS, Action, actions_of
from billing.accounts.subscriptions import Preview, Subscriptions, Wish
from billing.accounts.trials import Trials
from billing.limits import held as keeping
from billing.overage.so_far import NONE, Overage, overage_so_far
from billing.plans.plan import FREE, AtLimit, Interval, plans_in
from billing.usage.reports import LimitUse, limits_used
from functions.http.access import parts_of, require
from functions.http.billing.plans import granted
from functions.http.billing.too_much import (
    ChoiceIn,
    Coming,
    TooMuchOut,
    checked_choice,
    coming,
    keep_chosen,
)
from functions.http.billing.waiting_shapes import (
    BankTransferOut,
    PaymentActionOut,
    PendingChangeOut,
    waiting_of,
)
from functions.http.endpoint import group, problems
from functions.http.shapes import In, Moment, Out, moment
from functions.parts import Parts
from layers import jsontext
from layers.clock import rfc3339
from layers.database.repositories.users import get_user, get_workspace
from layers.errors import Conflict, TreadleError
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.jsontext import loads
from layers.settings import BillingMode

router = group("billing", "/billing")

STATE = problems(
    _402="The payment was refused.",
    _409="Billing is off, or that does not fit what the workspace has.",
    _503="Stripe cannot be reached; nothing was changed.",
)


Feedback = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]
"""Why somebody cancels, in Stripe's words (https://docs.stripe.com/api/subscriptions/update)."""


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
    promotion_code: str = Field(
        default="", max_length=100, description="To be redeemed; else Stripe's page may ask."
    )

    def wish(self) -> Wish:
        """The same for billing."""
        return Wish(self.plan, self.interval, self.seats, self.promotion_code)


class ChangeIn(WishIn, ChoiceIn):
    """What to change to, and what is to stop then where the plan is a smaller one."""

    when: Literal["now", "period_end"] = Field(
        default="now", description="At once, paying or crediting the difference, or later."
    )
    preview: bool = Field(default=False, description="Only say what it would cost.")
    proration_date: int | None = Field(
        default=None,
        ge=0,
        le=4_102_444_800,
        description="Of the preview that was agreed to: then exactly that is charged.",
    )


class CancelIn(ChoiceIn):
    """When it is to end, and why, if somebody wants to say so."""

    at: Literal["period_end", "now"] = "period_end"
    feedback: Feedback | None = None
    comment: str | None = Field(default=None, max_length=500)


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
    overage: int = Field(description="What was admitted beyond the plan this month of usage.")
    overage_amount: int = Field(description="What that costs so far, in minor units.")
    overage_amount_forecast: int = Field(description="At the end of the month of usage.")

    @classmethod
    def of(cls, one: LimitUse, overage: Overage, entitlements: Any, currency: str) -> LimitOut:
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
            overage=overage.quantity,
            overage_amount=overage.amount,
            overage_amount_forecast=overage.forecast(
                entitlements, one.name, one.used, one.forecast
            ),
        )


class AppliedDiscount(Out):
    """A discount of the subscription."""

    name: str
    code: str | None
    percent_off: str | None
    amount_off: int | None
    duration: str = Field(description="`once`, `repeating` or `forever`.")
    ends_at: Moment | None


class ChargedOut(Out):
    """The payment method that is charged next, as far as it may be shown."""

    type: str
    brand: str | None
    last4: str | None

    @classmethod
    def of(cls, kept: str | None) -> ChargedOut | None:
        """Of an account's payment methods; None where none is charged by itself."""
        for one in loads(kept or "[]"):
            if one["is_default"]:
                return cls(type=one["type"], brand=one["brand"], last4=one["last4"])
        return None


class SubscriptionOut(Out):
    """What the workspace has; `plan` is the plan that holds now, whatever was paid for."""

    mode: BillingMode = Field(description="`off`: nothing is counted; `open`: free without limits.")
    plan: str
    plan_name: str
    subscribed_plan: str | None = Field(description="Of the subscription, if there is one.")
    status: str | None = Field(description="Of the subscription, in Stripe's words; null: none.")
    interval: Interval | None
    seats: int | None
    amount: int | None = Field(
        description="What is paid each interval, in minor units, before discounts and tax."
    )
    discount: int | None = Field(description="What coupons take off it, in minor units.")
    discounts: list[AppliedDiscount]
    currency: str
    current_period_start: Moment | None
    current_period_end: Moment | None
    trial_end: Moment | None
    charged: ChargedOut | None = Field(description="What is charged next; null: nothing is.")
    may_try: bool = Field(
        description="Whether the caller may still have a trial: one each person, company and card."
    )
    cancel_at_period_end: bool
    scheduled_change: ScheduledChangeOut | None
    pending_change: PendingChangeOut | None
    payment_action: PaymentActionOut | None
    collection_method: str | None = Field(
        description="`send_invoice` where invoices are paid by bank transfer."
    )
    days_until_due: int | None
    bank_transfer: BankTransferOut | None
    grace_until: Moment | None = Field(description="Until when a plan holds that is not paid.")
    banner: str | None
    actions: list[Action] = Field(
        description="What the caller may do with it, the first being what leads out of its state."
    )
    usage_period_start: Moment
    usage_period_end: Moment
    limits: list[LimitOut]
    included: dict[str, int | None] = Field(description="Every limit of the plan, by name.")
    features: dict[str, bool]
    held_executions: int = Field(description="Kept because the plan had no room for them.")
    synchronized_at: Moment | None


class ScheduledChangeOut(Out):
    """What the subscription becomes when its period ends."""

    plan: str
    plan_name: str
    interval: Interval
    seats: int
    at: Moment


class PreviewLine(Out):
    """A line of what a change would cost."""

    description: str | None
    quantity: int | None
    amount: int
    is_proration: bool


class TaxOut(Out):
    """A tax; `amount` is part of the total, within the prices or on top of them."""

    name: str | None
    percentage: str | None
    amount: int
    is_inclusive: bool
    reason: str | None = Field(description="Stripe's `taxability_reason`, as reverse_charge.")


class DiscountOut(Out):
    """What is taken off."""

    name: str | None
    percent_off: str | None
    amount: int


class ChangePreviewOut(Out):
    """What a change costs at once; send `proration_date` along to agree to exactly that."""

    preview: Literal[True] = True
    currency: str
    total: int = Field(description="Below zero it goes to the balance, for the next invoices.")
    amount_due: int = Field(description="What is charged now.")
    subtotal: int = Field(description="Of the lines, before discounts and tax on top.")
    discounts: list[DiscountOut]
    taxes: list[TaxOut]
    starting_balance: int = Field(description="Below zero it pays a part of the total.")
    lines: list[PreviewLine]
    proration_date: int
    begins_at: Moment | None = Field(description="When it is not at once.")
    next_amount: int = Field(description="What the plan costs each interval then, without tax.")
    included: dict[str, int | None] = Field(description="The limits then, of all seats together.")
    too_much: list[TooMuchOut] = Field(
        description="What the workspace has beyond them, and what will become of that."
    )

    @classmethod
    def of(cls, found: Preview, coming: Coming) -> ChangePreviewOut:
        """A preview as it goes out."""
        return cls(
            begins_at=rfc3339(coming.begins_at),
            next_amount=coming.amount(found.currency),
            included=dict(coming.held.limits),
            too_much=coming.too_much,
            currency=found.currency,
            total=found.total,
            amount_due=found.amount_due,
            subtotal=found.subtotal,
            discounts=[DiscountOut.model_validate(one) for one in found.discounts],
            taxes=[TaxOut.model_validate(one) for one in found.taxes],
            starting_balance=found.starting_balance,
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
    wish = body.wish()
    later = body.when == "period_end"
    scheduled = ScheduledChanges(parts.accounts)
    if body.preview:
        changing = scheduled if later else Subscriptions(parts.accounts)
        found = changing.preview(caller.workspace_id, wish)
        return ChangePreviewOut.of(found, coming(parts, caller, wish, later=later))
    choice = checked_choice(parts, caller, body, (wish.plan, wish.seats))
    if later:
        scheduled.schedule(caller.workspace_id, wish)
    else:
        _change_now(scheduled, caller.workspace_id, wish, body.proration_date)
    keep_chosen(request, caller, choice)
    action = "billing.change_scheduled" if later else "billing.changed"
    put_on_record(parts, caller, action, body.model_dump(exclude={"preview"}))
    return _subscription(parts, caller)


@router.delete("/scheduled-change", responses=STATE)
def take_back_scheduled_change(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Take back what was to change when the period ends: the subscription goes on as it is."""
    parts = parts_of(request)
    taken_back = ScheduledChanges(parts.accounts).take_back(caller.workspace_id)
    if taken_back is None:
        raise Conflict("Nothing is to change when the period ends.")
    keep_chosen(request, caller, None)
    put_on_record(parts, caller, "billing.change_taken_back", asdict(taken_back))
    return _subscription(parts, caller)


@router.post("/cancel", responses=STATE)
def cancel_subscription(
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
    body: CancelIn | None = None,
) -> SubscriptionOut:
    """Let the subscription end with its period; until then nothing changes.

    What was to change then is taken back. A choice says what stops when the plan Free holds. One
    that is not paid can end at once (`at`): what was not delivered is voided, the rest stays owed.
    """
    parts = parts_of(request)
    wish = body or CancelIn()
    choice = checked_choice(parts, caller, wish, (FREE, 1))
    if wish.at == "now":
        Remedies(parts.accounts).end_now(caller.workspace_id, wish.feedback, wish.comment)
    else:
        ScheduledChanges(parts.accounts).take_back(caller.workspace_id)
        Subscriptions(parts.accounts).end_with_period(
            caller.workspace_id, True, wish.feedback, wish.comment
        )
    put_on_record(parts, caller, "billing.cancelled", wish.model_dump(mode="json"))
    keep_chosen(request, caller, choice)
    return _subscription(parts, caller)


@router.post("/resume", responses=STATE)
def resume_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Let the subscription go on after all; what was chosen to stop then does not stop.

    A trial that ended without a card goes on, too: it is paid from now on.
    """
    parts = parts_of(request)
    if parts.accounts.read(caller.workspace_id).status == "paused":
        Remedies(parts.accounts).resume(caller.workspace_id)
    else:
        Subscriptions(parts.accounts).end_with_period(caller.workspace_id, False)
    put_on_record(parts, caller, "billing.resumed", {})
    keep_chosen(request, caller, None)
    return _subscription(parts, caller)


@router.post("/pay", responses=STATE)
def pay_what_is_owed(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Collect what is open of the subscription now, the oldest first.

    Invoices of whole periods in which the plan did not hold are voided instead.
    """
    parts = parts_of(request)
    Remedies(parts.accounts).pay(caller.workspace_id)
    put_on_record(parts, caller, "billing.paid", {})
    return _subscription(parts, caller)


@router.delete("/pending-change", responses=STATE)
def drop_pending_change(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Drop a change that waits for its payment; nothing is owed for it."""
    parts = parts_of(request)
    Subscriptions(parts.accounts).drop_change(caller.workspace_id)
    put_on_record(parts, caller, "billing.change_dropped", {})
    return _subscription(parts, caller)


@router.post("/portal", responses=STATE)
def open_portal(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> UrlOut:
    """Open Stripe's customer portal, which leads back to the billing page."""
    parts = parts_of(request)
    back = f"{parts.settings.server.public_url}/settings/billing"
    accounts = parts.accounts
    url = accounts.for_customer(
        person_of(parts, caller), lambda customer_id: accounts.gateway.portal(customer_id, back)
    )
    return UrlOut(url=url)


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
    return Person(caller.workspace_id, name, email, caller.user_id)


def _change_now(
    scheduled: ScheduledChanges, workspace_id: str, wish: Wish, proration_date: int | None
) -> None:
    """Change at once, in place of what was to come; if that fails it is still to come."""
    former = scheduled.take_back(workspace_id)
    try:
        Subscriptions(scheduled.accounts).change(workspace_id, wish, proration_date)
    except TreadleError:
        if former is not None:
            scheduled.schedule(workspace_id, former)
        raise


def _scheduled(parts: Parts, account: Any) -> ScheduledChangeOut | None:
    if account.scheduled_plan is None:
        return None
    plans = {one.plan: one.name for one in plans_in(parts.settings.billing.plans)}
    return ScheduledChangeOut(
        plan=account.scheduled_plan,
        plan_name=plans.get(account.scheduled_plan, account.scheduled_plan),
        interval=account.scheduled_interval,
        seats=account.scheduled_seats,
        at=moment(account.scheduled_at),
    )


def _subscription(parts: Parts, caller: Caller) -> SubscriptionOut:
    now = parts.clock.now()
    account = parts.accounts.read(caller.workspace_id)
    entitlements = granted(parts, caller)
    with parts.database.reading() as connection:
        used = limits_used(connection, entitlements, now)
        beyond = overage_so_far(connection, caller.workspace_id, entitlements.period)
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
        discount=account.discount if sees_money else None,
        discounts=_discounts(account.discounts) if sees_money else [],
        currency=currency,
        current_period_start=rfc3339(account.period_start),
        current_period_end=rfc3339(account.period_end),
        trial_end=rfc3339(account.trial_end),
        charged=ChargedOut.of(account.payment_methods) if sees_money else None,
        may_try=_may_try(parts, caller, account),
        cancel_at_period_end=bool(account.cancel_at_period_end),
        scheduled_change=_scheduled(parts, account),
        **waiting_of(account, sees_money=sees_money),
        grace_until=rfc3339(grace),
        banner=None if grant is None else grant.banner,
        actions=_actions(parts, caller, account),
        usage_period_start=moment(entitlements.period.start),
        usage_period_end=moment(entitlements.period.end),
        limits=[
            LimitOut.of(one, beyond.get(one.name, NONE), entitlements, currency) for one in used
        ],
        included=dict(entitlements.limits),
        features=dict(entitlements.features),
        held_executions=held,
        synchronized_at=rfc3339(account.synchronized_at),
    )


def _discounts(kept: str | None) -> list[AppliedDiscount]:
    found = jsontext.loads(kept or "[]")
    return [AppliedDiscount(**{**one, "ends_at": rfc3339(one["ends_at"])}) for one in found]


def _may_try(parts: Parts, caller: Caller, account: Any) -> bool:
    if parts.settings.billing.mode is BillingMode.OFF or account.status in ALIVE:
        return False
    if not any(one.trial_days for one in plans_in(parts.settings.billing.plans)):
        return False
    person = person_of(parts, caller)
    return Trials(parts.accounts).mark(person, trialed=bool(account.trialed)) is not None


def _actions(parts: Parts, caller: Caller, account: Any) -> list[Action]:
    if parts.settings.billing.mode is BillingMode.OFF or not caller.may(Permission.BILLING_WRITE):
        return []
    may = actions_of(account.status, bool(account.cancel_at_period_end))
    # What was agreed in a contract is changed by those who agreed it.
    by_contract = account.collection_method == "send_invoice"
    return [one for one in may if one != "change" or not by_contract]


def put_on_record(parts: Parts, caller: Caller, action: str, detail: dict[str, Any]) -> None:
    """Write into the audit log what somebody did about payments."""
    target = f"workspace:{caller.workspace_id}"
    with parts.database.write() as session:
        record(session, caller.workspace_id, caller.actor, action, target, detail)
