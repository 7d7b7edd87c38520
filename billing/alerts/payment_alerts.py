"""What is told of payments: a consent that is missing, what was paid back, credited, disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from billing.alerts.administrator import tell_administrator
from billing.alerts.alert import Alert
from billing.payments.from_stripe import Collected, Object, invoices_paid_by
from layers import jsontext

SOON_S = 5 * 86_400.0


def payment_alerts(
    before: Row[Any],
    after: Mapping[str, Any],
    invoices: Sequence[Object],
    collected: Collected,
    now: float,
) -> list[Alert]:
    """What a workspace is told of its payments."""
    workspace_id = before.workspace_id
    numbers = {one["id"]: one["number"] for one in invoices}
    return [
        *_consent(workspace_id, after),
        *_dropped(before, after),
        *(_due(workspace_id, one, now) for one in invoices if _is_due(one, now)),
        *_refunds(workspace_id, invoices, collected, numbers),
        *(_credited(workspace_id, one, numbers) for one in collected.credit_notes if _new(one)),
    ]


def tell_of_disputes(
    connection: Connection, workspace_id: str, collected: Collected, now: float
) -> None:
    """Tell the administrators of disputes, and of refunds that failed."""
    for charge_id, dispute in collected.disputes.items():
        detail = {
            "workspace_id": workspace_id,
            "charge": charge_id,
            **{name: dispute[name] for name in ("amount", "currency", "reason", "status")},
        }
        key = f"payment_disputed:{dispute['id']}"
        tell_administrator(connection, "payment_disputed", key, "error", detail, now)
    for charge in collected.charges:
        for refund in (charge.get("refunds") or {}).get("data") or ():
            if refund["status"] == "failed":
                detail = {
                    "workspace_id": workspace_id,
                    "amount": refund["amount"],
                    "currency": refund["currency"],
                    "reason": refund.get("failure_reason"),
                }
                key = f"refund_failed:{refund['id']}"
                tell_administrator(connection, "refund_failed", key, "error", detail, now)


def _consent(workspace_id: str, after: Mapping[str, Any]) -> list[Alert]:
    if after["payment_action"] is None:
        return []
    detail = jsontext.loads(after["payment_action"])
    key = f"payment_action_required:{detail['invoice_id']}"
    return [Alert(workspace_id, "payment_action_required", key, "error", detail, again=True)]


def _is_due(invoice: Object, now: float) -> bool:
    """Whether an invoice that was sent is due soon, or overdue."""
    due = invoice.get("due_date")
    return invoice["status"] == "open" and due is not None and due < now + SOON_S


def _due(workspace_id: str, invoice: Object, now: float) -> Alert:
    is_late = invoice["due_date"] <= now
    detail = {
        "invoice_id": invoice["id"],
        "number": invoice["number"],
        "amount": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "due_date": invoice["due_date"],
        "overdue": is_late,
    }
    when = "overdue" if is_late else "soon"
    level = "error" if is_late else "warning"
    return Alert(workspace_id, "invoice_due", f"invoice_due:{invoice['id']}:{when}", level, detail)


def _dropped(before: Row[Any], after: Mapping[str, Any]) -> list[Alert]:
    """A change that waited and neither waits nor holds now."""
    if before.pending_change is None:
        return []
    was = jsontext.loads(before.pending_change)
    now = jsontext.loads(after["pending_change"] or "{}")
    holds = (after["plan"], after["interval"], after["seats"])
    is_over = now.get("invoice_id") != was["invoice_id"]
    if not is_over or holds == (was["plan"], was["interval"], was["seats"]):
        return []
    key = f"change_dropped:{was['invoice_id']}"
    detail = {name: was[name] for name in ("plan", "interval", "seats")}
    return [Alert(before.workspace_id, "change_dropped", key, "warning", detail)]


def _refunds(
    workspace_id: str,
    invoices: Sequence[Object],
    collected: Collected,
    numbers: Mapping[str, str | None],
) -> list[Alert]:
    invoice_of = invoices_paid_by(invoices)
    found = []
    for charge in collected.charges:
        invoice_id = invoice_of.get(charge["payment_intent"] or "")
        for refund in (charge.get("refunds") or {}).get("data") or ():
            if refund["status"] in {"failed", "canceled"}:
                continue
            detail = {
                "what": "refunded",
                "amount": refund["amount"],
                "currency": refund["currency"],
                "invoice_id": invoice_id,
                "number": numbers.get(invoice_id or ""),
            }
            key = f"refund:{refund['id']}"
            found.append(Alert(workspace_id, "refund", key, "info", detail))
    return found


def _new(note: Object) -> bool:
    """What is paid back is told as a refund already."""
    return note["status"] == "issued" and not note.get("refunds")


def _credited(workspace_id: str, note: Object, numbers: Mapping[str, str | None]) -> Alert:
    invoice_id = note["invoice"]
    detail = {
        "what": "credited",
        "amount": note["total"],
        "currency": note["currency"],
        "invoice_id": invoice_id,
        "number": numbers.get(invoice_id),
    }
    return Alert(workspace_id, "refund", f"credit_note:{note['id']}", "info", detail)
