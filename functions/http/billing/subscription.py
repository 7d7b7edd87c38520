"""The workspace's subscription: what it has, and beginning, changing and ending it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Request, Response

from billing.accounts.remedies import Remedies
from billing.accounts.scheduled_changes import ScheduledChanges
from billing.accounts.subscriptions import PlanChoice, Subscriptions
from billing.plans.plan import FREE
from functions.http.access import parts_of, require
from functions.http.billing.change_shapes import CancelIn, ChangeIn, ChangePreviewOut, CheckoutIn
from functions.http.billing.payer import STATE, CheckoutOut, UrlOut, person_of, put_on_record
from functions.http.billing.subscription_shapes import SubscriptionOut
from functions.http.billing.subscription_view import shown_subscription
from functions.http.billing.too_much import (
    checked_choice,
    coming,
    keep_chosen,
)
from functions.http.endpoint import group
from layers.errors import Conflict, TreadleError
from layers.identity import Caller, Permission

router = group("billing", "/billing")


@router.get("/subscription")
def read_subscription(
    request: Request, caller: Annotated[Caller, require(Permission.WORKSPACE_READ)]
) -> SubscriptionOut:
    """Say which plan holds, how far its limits are used, and how it is paid."""
    return shown_subscription(parts_of(request), caller)


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
        person_of(parts, caller), body.plan_choice(), currency, back
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
    wanted = body.plan_choice()
    later = body.when == "period_end"
    scheduled = ScheduledChanges(parts.accounts)
    if body.preview:
        changing = scheduled if later else Subscriptions(parts.accounts)
        found = changing.preview(caller.workspace_id, wanted)
        return ChangePreviewOut.of(found, coming(parts, caller, wanted, later=later))
    choice = checked_choice(parts, caller, body, (wanted.plan, wanted.seats))
    if later:
        scheduled.schedule(caller.workspace_id, wanted)
    else:
        _change_now(scheduled, caller.workspace_id, wanted, body.proration_date)
    keep_chosen(request, caller, choice)
    action = "billing.change_scheduled" if later else "billing.changed"
    put_on_record(parts, caller, action, body.model_dump(exclude={"preview"}))
    return shown_subscription(parts, caller)


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
    return shown_subscription(parts, caller)


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
    wanted = body or CancelIn()
    choice = checked_choice(parts, caller, wanted, (FREE, 1))
    if wanted.at == "now":
        Remedies(parts.accounts).end_now(caller.workspace_id, wanted.feedback, wanted.comment)
    else:
        ScheduledChanges(parts.accounts).take_back(caller.workspace_id)
        Subscriptions(parts.accounts).end_with_period(
            caller.workspace_id, True, wanted.feedback, wanted.comment
        )
    put_on_record(parts, caller, "billing.cancelled", wanted.model_dump(mode="json"))
    keep_chosen(request, caller, choice)
    return shown_subscription(parts, caller)


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
    return shown_subscription(parts, caller)


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
    return shown_subscription(parts, caller)


@router.delete("/pending-change", responses=STATE)
def drop_pending_change(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Drop a change that waits for its payment; nothing is owed for it."""
    parts = parts_of(request)
    Subscriptions(parts.accounts).drop_change(caller.workspace_id)
    put_on_record(parts, caller, "billing.change_dropped", {})
    return shown_subscription(parts, caller)


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


def _change_now(
    scheduled: ScheduledChanges, workspace_id: str, wanted: PlanChoice, proration_date: int | None
) -> None:
    """Change at once, in place of what was to come; if that fails it is still to come."""
    former = scheduled.take_back(workspace_id)
    try:
        Subscriptions(scheduled.accounts).change(workspace_id, wanted, proration_date)
    except TreadleError:
        if former is not None:
            scheduled.schedule(workspace_id, former)
        raise
