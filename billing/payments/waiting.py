"""What of an account waits for its payment: a change, a consent, a transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.accounts.account_state import plan_of, seat_item
from billing.payments.from_stripe import (
    Collected,
    Object,
    id_of,
    invoices_paid_by,
    payment_action,
)
from layers import jsontext

COLUMNS = (
    "pending_change",
    "payment_action",
    "collection_method",
    "days_until_due",
    "bank_transfer",
)


def waiting_columns(
    subscription: Object | None,
    invoices: Sequence[Object],
    collected: Collected,
    bank_transfer: Object | None,
) -> dict[str, Any]:
    """The columns of an account that tell what waits."""
    invoice_of = invoices_paid_by(invoices)
    action = payment_action(collected.intents, invoices, invoice_of)
    change = pending_change(subscription, invoices)
    if change is not None and action is not None and change["invoice_id"] == action["invoice_id"]:
        action = None  # The change itself says where to confirm it.
    return {
        "pending_change": change and jsontext.dumps(change),
        "payment_action": action and jsontext.dumps(action),
        "collection_method": subscription and subscription["collection_method"],
        "days_until_due": subscription and subscription.get("days_until_due"),
        "bank_transfer": bank_transfer and jsontext.dumps(bank_transfer),
    }


def pending_change(
    subscription: Object | None, invoices: Sequence[Object]
) -> dict[str, Any] | None:
    """A change that holds once its invoice is paid: ``plan``, ``interval``, ``seats``,
    ``expires_at``, and ``confirm_url``, where to pay or agree."""
    waiting = (subscription or {}).get("pending_update")
    if subscription is None or not waiting or not waiting.get("subscription_items"):
        return None
    wanted = {"items": {"data": waiting["subscription_items"]}}
    plan = plan_of(wanted)
    item = seat_item(wanted)
    invoice_id = id_of(subscription["latest_invoice"])
    invoice = next((one for one in invoices if one["id"] == invoice_id), None)
    return {
        "plan": plan[0] if plan else None,
        "interval": item["price"]["recurring"]["interval"],
        "seats": item.get("quantity") or 1,
        "expires_at": waiting["expires_at"],
        "invoice_id": invoice_id,
        "amount": invoice["amount_remaining"] if invoice else None,
        "currency": invoice["currency"] if invoice else None,
        "confirm_url": invoice["hosted_invoice_url"] if invoice else None,
    }


def bank_transfer_of(instructions: Object, cash: Object) -> dict[str, Any]:
    """Where to transfer to, with what came and is on no invoice yet (``cash``, by currency)."""
    found: Mapping[str, Any] = instructions["bank_transfer"]
    return {
        "type": found["type"],
        "country": found.get("country"),
        "financial_addresses": found["financial_addresses"],
        "cash": cash.get("available") or {},
    }
