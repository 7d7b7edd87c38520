"""Calls about invoices: made by hand, changed as drafts, finalised, sent, voided, given up."""

from __future__ import annotations

from local_emulator.providers.stripe import invoice_items, invoices
from local_emulator.providers.stripe.billing import collect, given_up
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.records import Object, listed, within
from local_emulator.providers.stripe.subscription_terms import set_invoice_terms
from local_emulator.providers.stripe.totals import settle

METHODS = frozenset({"charge_automatically", "send_invoice"})


def create_invoice(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/invoices``: a draft, with pending items where they are to be included."""
    if not params.get("customer"):
        raise required("customer")
    customer = stripe.records.get("customer", params["customer"], "customer")
    subscription = _subscription(stripe, customer, params)
    invoice = invoices.make_invoice(stripe, customer, [], "manual", subscription)
    set_invoice_terms(stripe, invoice, params)
    currency = params.get("currency") or customer["currency"] or "usd"
    invoice["currency"] = subscription["currency"] if subscription else currency
    invoice["auto_advance"] = truth(params.get("auto_advance"), False)
    if subscription is not None or params.get("pending_invoice_items_behavior") == "include":
        found = invoice_items.pending_for(stripe, customer, subscription, invoice["currency"])
        if subscription is not None:
            own = subscription["id"]
            found = [one for one in found if invoice_items.subscription_id_of(one) == own]
            if not found:
                message = "Nothing to invoice for subscription"
                raise StripeFailure(message, code="invoice_no_subscription_line_items")
        invoice_items.put_on(stripe, invoice, found)
    _set(stripe, invoice, params)
    return invoices.keep_draft(stripe, invoice)


def update_invoice(stripe: StripeEmulator, params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}``: of what was finalised only metadata and who collects it."""
    invoice = stripe.records.get("invoice", invoice_id)
    fixed = set(params) - {"metadata", "auto_advance", "default_payment_method", "due_date"}
    if invoice["status"] != "draft" and fixed:
        message = "Finalized invoices can't be updated in this way"
        raise StripeFailure(message, code="invoice_not_editable", param=min(fixed))
    if "auto_advance" in params:
        invoice["auto_advance"] = truth(params["auto_advance"])
        if invoice["status"] == "draft":
            finalizes_at = max(
                invoice["created"] + invoices.DRAFT_S, stripe.now(invoice["customer"])
            )
            at = finalizes_at if invoice["auto_advance"] else None
            invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = at
    _set(stripe, invoice, params)
    if invoice["status"] == "draft":
        settle(stripe, invoice)
    stripe.happened("invoice.updated", invoice)
    return invoice


def delete_invoice(stripe: StripeEmulator, _params: Object, invoice_id: str) -> Object:
    """``DELETE /v1/invoices/{id}``: a draft that was made by hand, and the items on it."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] != "draft":
        raise StripeFailure("You can only delete draft invoices")
    if invoice["billing_reason"] != "manual":
        raise StripeFailure("You can't delete invoices created by subscriptions.")
    for item in stripe.records.of(invoice["customer"], "invoiceitem"):
        if item["invoice"] == invoice_id:
            stripe.records.forget(item["id"])
    stripe.records.forget(invoice_id)
    stripe.happened("invoice.deleted", invoice)
    return {"id": invoice_id, "object": "invoice", "deleted": True}


def finalize_invoice(stripe: StripeEmulator, params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/finalize``; what has nothing due is paid by it."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] != "draft":
        message = "This invoice is already finalized, you can't re-finalize a non-draft invoice."
        raise StripeFailure(message, code="invoice_not_editable")
    if "auto_advance" in params:
        invoice["auto_advance"] = truth(params["auto_advance"])
    invoices.finalize(stripe, invoice)
    if not invoice["amount_due"]:
        collect(stripe, invoice)
    elif invoice["auto_advance"]:
        # Stripe collects it within an hour; the tick does.
        invoice["next_payment_attempt"] = (
            stripe.now(invoice["customer"]) + invoices.DRAFT_S
            if invoice["collection_method"] == "charge_automatically"
            else None
        )
    return invoice


def send_invoice(stripe: StripeEmulator, _params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/send``: finalised if it is a draft."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["collection_method"] != "send_invoice":
        raise StripeFailure("You can only manually send an invoice with `send_invoice`.")
    if invoice["status"] == "draft":
        invoices.finalize(stripe, invoice)
    if invoice["status"] != "open":
        raise StripeFailure(f"You can't send an invoice that is {invoice['status']}.")
    stripe.happened("invoice.sent", invoice)
    return invoice


def void_invoice(stripe: StripeEmulator, _params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/void``."""
    invoice = stripe.records.get("invoice", invoice_id)
    invoices.void(stripe, invoice)
    given_up(stripe, invoice)
    return invoice


def mark_uncollectible(stripe: StripeEmulator, _params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/mark_uncollectible``: it can still be paid."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise StripeFailure(f"You can't give up an invoice that is {invoice['status']}.")
    invoice["status"], invoice["next_payment_attempt"] = "uncollectible", None
    now = stripe.now(invoice["customer"])
    invoice["status_transitions"]["marked_uncollectible_at"] = now
    stripe.happened("invoice.marked_uncollectible", invoice)
    given_up(stripe, invoice)
    return invoice


def list_lines(stripe: StripeEmulator, params: Object, invoice_id: str) -> Object:
    """``GET /v1/invoices/{id}/lines``, in the order of the invoice."""
    invoice = stripe.records.get("invoice", invoice_id)
    lines = list(reversed(invoice["lines"]["data"]))
    return listed(lines, params, f"/v1/invoices/{invoice_id}/lines")


def list_invoices(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoices``, by customer, subscription, status, way of collection and dates."""
    found = stripe.records.of(params.get("customer"), "invoice")

    def wanted(invoice: Object) -> bool:
        subscription = invoices.subscription_of(stripe, invoice)
        own = subscription["id"] if subscription else None
        return (
            params.get("subscription") in {None, own}
            and params.get("status") in {None, invoice["status"]}
            and params.get("collection_method") in {None, invoice["collection_method"]}
            and within(invoice["created"], params.get("created"))
            and within(invoice["due_date"], params.get("due_date"))
        )

    return listed(found, params, "/v1/invoices", wanted)


def _subscription(stripe: StripeEmulator, customer: Object, params: Object) -> Object | None:
    subscription_id = params.get("subscription")
    if subscription_id is None:
        return None
    subscription = stripe.records.get("subscription", subscription_id, "subscription")
    if subscription["customer"] != customer["id"]:
        raise missing("subscription", subscription_id, "subscription")
    if params.get("pending_invoice_items_behavior"):
        message = (
            "You may only specify one of these parameters: subscription,"
            " pending_invoice_items_behavior."
        )
        raise StripeFailure(message, param="pending_invoice_items_behavior")
    return subscription


def _set(stripe: StripeEmulator, invoice: Object, params: Object) -> None:
    for name in ("description", "footer", "custom_fields", "statement_descriptor"):
        if name in params:
            invoice[name] = params[name]
    invoice["metadata"] |= params.get("metadata") or {}
    if "default_payment_method" in params:
        invoice["default_payment_method"] = params["default_payment_method"]
    method = params.get("collection_method")
    if method is not None:
        if method not in METHODS:
            raise StripeFailure(f"Invalid collection_method: {method}.", param="collection_method")
        invoice["collection_method"] = method
    _set_due_date(stripe, invoice, params)


def _set_due_date(stripe: StripeEmulator, invoice: Object, params: Object) -> None:
    given = {"days_until_due", "due_date"} & set(params)
    if invoice["collection_method"] == "charge_automatically":
        if given:
            message = "Only invoices with `collection_method=send_invoice` have a due date."
            raise StripeFailure(message, param=min(given))
        invoice["due_date"] = None
    elif params.get("due_date"):
        invoice["due_date"] = number(params["due_date"])
    elif params.get("days_until_due"):
        days = number(params["days_until_due"])
        invoice["due_date"] = stripe.now(invoice["customer"]) + days * invoices.DAY_S
    elif invoice["due_date"] is None:
        raise required("due_date")
