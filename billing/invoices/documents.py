"""Invoices, receipts and credit notes as PDFs: what is kept of them, set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.invoices.document.catalogue import language_of
from billing.invoices.document.facts import Document, Paid, Referred, Related
from billing.invoices.document.issued import Issued, issued_of
from billing.invoices.document.of_credit_note import credit_note_document
from billing.invoices.document.of_invoice import document_of
from billing.invoices.document.transfer import transfer_details
from billing.invoices.invoices import invoice_of
from layers import jsontext
from layers.errors import NotFound
from layers.settings import SellerSettings

NOTE = text("SELECT * FROM credit_notes WHERE workspace_id = :workspace_id AND id = :id")
NOTES = text(
    "SELECT * FROM credit_notes WHERE workspace_id = :workspace_id AND invoice_id = :id"
    " AND status = 'issued' ORDER BY created_at, number"
)
PAYMENTS = text(
    "SELECT * FROM payments WHERE workspace_id = :workspace_id AND invoice_id = :id"
    " AND status = 'succeeded' ORDER BY created_at, id"
)
ACCOUNT = text(
    "SELECT bank_transfer, language FROM billing_accounts WHERE workspace_id = :workspace_id"
)


def invoice_document(
    connection: Connection,
    workspace_id: str,
    invoice_id: str,
    seller: SellerSettings,
    *,
    is_receipt: bool = False,
) -> Document:
    """What an invoice says, or the receipt for its payment; raises NotFound."""
    row = invoice_of(connection, workspace_id, invoice_id)
    if is_receipt and row.amount_paid <= 0:
        raise NotFound("Nothing was paid for this invoice, so there is no receipt.")
    data = jsontext.loads(row.data)
    values = {"workspace_id": workspace_id, "id": invoice_id}
    notes = [
        Referred(one.number, one.created_at, one.amount)
        for one in connection.execute(NOTES, values)
    ]
    account = connection.execute(ACCOUNT, values).one()
    return document_of(
        row,
        data,
        _issued(row, data, _speaking(seller, account)),
        Related(
            credit_notes=notes,
            payments=[_paid(one) for one in connection.execute(PAYMENTS, values)],
            transfer=transfer_details(
                jsontext.loads(account.bank_transfer or "{}"), row.number or row.id
            ),
        ),
        is_receipt=is_receipt,
    )


def credit_note_of(
    connection: Connection, workspace_id: str, credit_note_id: str, seller: SellerSettings
) -> Document:
    """What a credit note says; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": credit_note_id}
    note = connection.execute(NOTE, values).one_or_none()
    if note is None:
        raise NotFound("This workspace has no such credit note.")
    invoice = invoice_of(connection, workspace_id, note.invoice_id)
    of = jsontext.loads(invoice.data)
    account = connection.execute(ACCOUNT, values).one()
    issued = _issued(note, of, _speaking(seller, account))
    return credit_note_document(note, jsontext.loads(note.data), invoice, of, issued)


def _speaking(seller: SellerSettings, account: Row[Any]) -> SellerSettings:
    """The seller of today in the buyer's language of today, for what has none of its own yet."""
    return replace(seller, language=language_of([account.language or ""], seller.language))


def _issued(row: Row[Any], data: Mapping[str, Any], seller: SellerSettings) -> Issued:
    kept = None if row.issued is None else jsontext.loads(row.issued)
    return issued_of(kept, seller, data.get("account_name") or "")


def _paid(payment: Row[Any]) -> Paid:
    method = jsontext.loads(payment.method or "{}")
    return Paid(
        moment=payment.created_at,
        amount=payment.amount,
        brand=str(method.get("brand") or "").replace("_", " ").title() or None,
        last4=method.get("last4"),
        kind=str(method.get("type") or "").replace("_", " ") or None,
    )
