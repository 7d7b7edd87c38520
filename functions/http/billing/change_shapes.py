"""What is asked of Checkout and of changes, and what a change costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from billing.accounts.subscriptions import PlanChoice, Preview
from billing.plans.plan import Interval
from functions.http.billing.too_much import (
    ChoiceIn,
    TooMuchOut,
    UpcomingPlan,
)
from functions.http.shapes import In, Moment, Out
from layers.clock import rfc3339

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

    def plan_choice(self) -> PlanChoice:
        """The same for billing."""
        return PlanChoice(self.plan, self.interval, self.seats)


class CheckoutIn(WishIn):
    """What to subscribe to."""

    currency: str | None = Field(
        default=None, pattern=r"^[a-z]{3}$", description="The instance's own if left out."
    )
    promotion_code: str = Field(
        default="", max_length=100, description="To be redeemed; else Stripe's page may ask."
    )

    def plan_choice(self) -> PlanChoice:
        """The same for billing."""
        return PlanChoice(self.plan, self.interval, self.seats, self.promotion_code)


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
    def of(cls, found: Preview, coming: UpcomingPlan) -> ChangePreviewOut:
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
