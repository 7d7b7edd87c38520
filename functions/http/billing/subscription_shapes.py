"""What is told of a subscription."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from billing.accounts.statuses import Action
from billing.overage.month_to_date import Overage
from billing.plans.plan import AtLimit, Interval
from billing.usage.reports import LimitUse
from functions.http.billing.waiting_shapes import (
    BankTransferOut,
    PaymentActionOut,
    PendingChangeOut,
)
from functions.http.shapes import Moment, Out
from layers.clock import rfc3339
from layers.jsontext import loads
from layers.settings import BillingMode


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
