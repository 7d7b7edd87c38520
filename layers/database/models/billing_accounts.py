"""How a workspace pays: a copy of what Stripe says, and what the workspace chose itself."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class BillingAccount(TenantBase):
    """One a workspace. Moments are Unix seconds; amounts are in the currency's minor unit.

    ``plan_version_id`` is the version that the subscription pays for; None where there is none.
    ``wanted`` counts the reasons to read everything from Stripe again, ``synchronized`` up to
    which of them that was done: the order and the number of events make no difference so.
    """

    __tablename__ = "billing_accounts"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[str | None] = mapped_column(unique=True)
    livemode: Mapped[bool | None]
    plan: Mapped[str]
    plan_version_id: Mapped[str | None] = mapped_column(Id)
    subscription_id: Mapped[str | None]
    status: Mapped[str | None]
    interval: Mapped[str | None]
    currency: Mapped[str | None]
    seats: Mapped[int | None]
    amount: Mapped[int | None]
    """What is paid ahead each interval, for all seats, before any discount."""
    discount: Mapped[int | None]
    """How much of ``amount`` coupons take off each interval; not those that count once only."""
    discount_ends_at: Mapped[float | None]
    """When the first of them ends; None where all of them hold as long as the subscription."""
    discounts: Mapped[str | None]
    """JSON: what of the discounts is shown (``billing.accounts.discounts``), ``once`` included."""
    anchor: Mapped[float | None]
    """From when Stripe counts the periods that are paid ahead; a change of interval moves it."""
    usage_anchor: Mapped[float | None]
    """From when the months of usage are counted: since the subscription began, whatever of it
    is changed later."""
    period_start: Mapped[float | None]
    period_end: Mapped[float | None]
    trial_end: Mapped[float | None]
    trialed: Mapped[bool] = mapped_column(default=False)
    cancel_at_period_end: Mapped[bool] = mapped_column(default=False)
    past_due_since: Mapped[float | None]
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    payment_methods: Mapped[str | None]
    """JSON: what of the cards may be shown, the default first."""
    language: Mapped[str | None]
    """What its documents are in, such as ``de``; None where the buyer has not chosen."""
    pending_change: Mapped[str | None]
    """JSON: a change that waits for its payment: plan, number, interval, seats, expires_at,
    confirm_url."""
    payment_action: Mapped[str | None]
    """JSON: the invoice whose payment waits for the bank's consent: invoice_id, number, amount,
    currency, url."""
    collection_method: Mapped[str | None]
    """Stripe's: ``charge_automatically``, or ``send_invoice`` for who pays by bank transfer."""
    days_until_due: Mapped[int | None]
    bank_transfer: Mapped[str | None]
    """JSON: where to transfer money to, and ``cash``, what came and is on no invoice yet."""
    schedule_id: Mapped[str | None]
    """Of the change that waits for the end of the period, with what it is to be."""
    scheduled_plan: Mapped[str | None]
    scheduled_interval: Mapped[str | None]
    scheduled_seats: Mapped[int | None]
    scheduled_at: Mapped[float | None]
    downgrade_choice: Mapped[str | None]
    """JSON: what is to stop when a smaller plan begins to hold, and which plan that is."""
    above_limits_since: Mapped[float | None]
    """Since when more workflows are active than the plan includes."""
    overage_caps: Mapped[str | None]
    """JSON: by meter, up to how much beyond the plan the customer wants to pay for."""
    at_limit: Mapped[str | None]
    """JSON: by meter, what happens at its limit where that differs from the plan."""
    alert_preferences: Mapped[str | None]
    """JSON: by kind of alert, whether it goes out by mail."""
    wanted: Mapped[int] = mapped_column(default=0)
    synchronized: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[float | None]
    synchronized_at: Mapped[float | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    overage_lease_until: Mapped[float | None]
    """Until when one process has the workspace's invoice items to itself."""
    created_at: Mapped[float]
