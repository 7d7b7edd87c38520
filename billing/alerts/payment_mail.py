"""The mails about payments: a consent that is missing, changes that were dropped, refunds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from billing.invoices.money import written

Text = tuple[str, str]
"""The subject and the text."""


def consent_needed(detail: dict[str, Any]) -> Text:
    """The bank asks whether a payment is meant."""
    amount = written(detail["amount"], detail["currency"])
    return f"Please confirm the payment of {amount}", (
        f"Your bank asks you to agree to the payment of {amount} for invoice {detail['number']}."
        f" Please do so here:\n{detail['url']}\n\nYour plan goes on for two weeks meanwhile."
    )


def invoice_due(detail: dict[str, Any]) -> Text:
    """An invoice that was sent is due soon, or overdue."""
    amount = written(detail["amount"], detail["currency"])
    day = datetime.fromtimestamp(detail["due_date"], UTC).strftime("%d %B %Y")
    if detail["overdue"]:
        return f"Invoice {detail['number']} is overdue", (
            f"{amount} for invoice {detail['number']} was due on {day}. Your plan goes on for two"
            " weeks from then. Where to transfer it to stands on the invoice; please name its"
            " number."
        )
    return f"Invoice {detail['number']} is due on {day}", (
        f"Please transfer {amount} by {day} and name the number {detail['number']}. Where to stands"
        " on the invoice."
    )


def change_dropped(detail: dict[str, Any]) -> Text:
    """A change was not paid."""
    plan = str(detail["plan"]).capitalize()
    return f"The change to {plan} was not made", (
        f"The payment for the change to {plan} was not confirmed in time, or was refused. Nothing"
        " was changed and nothing is owed for it; you can change the plan again at any time."
    )


def paid_back(detail: dict[str, Any]) -> Text:
    """Something was paid back, or credited."""
    amount = written(detail["amount"], detail["currency"])
    of = f" of invoice {detail['number']}" if detail["number"] else ""
    if detail["what"] == "refunded":
        return f"{amount} is paid back to you", (
            f"{amount}{of} is on its way back to how you paid; banks take up to ten days."
        )
    return f"{amount} is credited to you", (
        f"{amount}{of} is credited. What was still to be paid is less by it; what was paid already"
        " is taken off your next invoices."
    )
