"""Invoice items: what is added to the next invoice, or to a draft.

https://docs.stripe.com/api/invoiceitems
"""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe import invoices
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.item_amounts import set_amount
from local_emulator.providers.stripe.item_terms import check_for_automatic_tax, set_item_discounts
from local_emulator.providers.stripe.lines import line_of_item
from local_emulator.providers.stripe.money import check_currency
from local_emulator.providers.stripe.records import Object, listed
from local_emulator.providers.stripe.tax_rates import rates
from local_emulator.providers.stripe.totals import settle

MOST_LINES = 250


def create_item(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/invoiceitems``: pending, or at once on the draft that ``invoice`` names."""
    if not params.get("customer"):
        raise required("customer")
    customer = stripe.records.get("customer", params["customer"], "customer")
    invoice = _draft(stripe, customer, params.get("invoice"))
    subscription = _subscription(stripe, customer, params.get("subscription"))
    if subscription is None and invoice is not None:
        subscription = invoices.subscription_of(stripe, invoice)
    now = stripe.now(customer["id"])
    period = _period(params.get("period") or {"start": now, "end": now})
    item: Object = {
        "id": stripe.records.new_id("ii"),
        "object": "invoiceitem",
        "amount": 0,
        "currency": "",
        "customer": customer["id"],
        "customer_account": None,
        "date": now,
        "description": params.get("description"),
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "net_amount": 0,
        "parent": _parent(subscription),
        "period": period,
        "pricing": None,
        "proration": False,
        "proration_details": None,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": rates(stripe, params.get("tax_rates"), "tax_rates"),
        "test_clock": customer["test_clock"],
    }
    set_amount(stripe, customer, item, params)
    if invoice is not None:
        check_for_automatic_tax(invoice, [item])
    item["discountable"] = truth(params.get("discountable"), item["amount"] >= 0)
    check_currency(stripe, customer, item["currency"])
    customer["currency"] = customer["currency"] or item["currency"]
    if invoice is not None and invoice["currency"] != item["currency"]:
        message = f"The invoice is in {invoice['currency']}, its items must be, too."
        raise StripeFailure(message, param="currency")
    set_item_discounts(stripe, customer, item, params)
    stripe.records.add(item)
    if invoice is not None:
        put_on(stripe, invoice, [item])
        stripe.happened("invoice.updated", invoice)
    stripe.happened("invoiceitem.created", item)
    return item


def update_item(stripe: StripeEmulator, params: Object, item_id: str) -> Object:
    """``POST /v1/invoiceitems/{id}``, while it is pending or on a draft."""
    item = stripe.records.get("invoiceitem", item_id)
    invoice = _editable(stripe, item)
    customer = stripe.records.get("customer", item["customer"])
    if "description" in params:
        item["description"] = params["description"]
    if "tax_rates" in params:
        item["tax_rates"] = rates(stripe, params["tax_rates"], "tax_rates")
    item["metadata"] |= params.get("metadata") or {}
    if params.get("period"):
        item["period"] = _period(params["period"])
    if "discountable" in params:
        item["discountable"] = truth(params["discountable"])
    if {"amount", "unit_amount_decimal", "pricing", "price_data", "quantity"} & set(params):
        set_amount(stripe, customer, item, params)
    set_item_discounts(stripe, customer, item, params)
    if invoice is not None:
        check_for_automatic_tax(invoice, [item])
        lines = invoice["lines"]["data"]
        at = next(i for i, one in enumerate(lines) if is_for(one, item))
        lines[at] = {**line_of_item(stripe, item), "id": lines[at]["id"], "invoice": invoice["id"]}
        settle(stripe, invoice)
        stripe.happened("invoice.updated", invoice)
    return item


def delete_item(stripe: StripeEmulator, _params: Object, item_id: str) -> Object:
    """``DELETE /v1/invoiceitems/{id}``, while it is pending or on a draft."""
    item = stripe.records.get("invoiceitem", item_id)
    invoice = _editable(stripe, item)
    if invoice is not None:
        kept = [one for one in invoice["lines"]["data"] if not is_for(one, item)]
        invoice["lines"]["data"] = kept
        settle(stripe, invoice)
        stripe.happened("invoice.updated", invoice)
    stripe.records.forget(item_id)
    stripe.happened("invoiceitem.deleted", item)
    return {"id": item_id, "object": "invoiceitem", "deleted": True}


def list_items(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoiceitems``, by customer, invoice and whether they are pending."""

    def wanted(item: Object) -> bool:
        return (
            params.get("customer") in {None, item["customer"]}
            and params.get("invoice") in {None, item["invoice"]}
            and ("pending" not in params or (item["invoice"] is None) is truth(params["pending"]))
        )

    found = stripe.records.of(params.get("customer"), "invoiceitem")
    return listed(found, params, "/v1/invoiceitems", wanted)


def pending_for(
    stripe: StripeEmulator, customer: Object, subscription: Object | None, currency: str
) -> list[Object]:
    """What waits for an invoice, the oldest first.

    The invoice of a subscription takes what names it or no subscription; one that is for none
    takes all.
    """
    found = [
        one
        for one in stripe.records.of(customer["id"], "invoiceitem")
        if one["invoice"] is None
        and one["currency"] == currency
        and (subscription is None or subscription_id_of(one) in {None, subscription["id"]})
    ]
    return found[:MOST_LINES]


def add_proration(stripe: StripeEmulator, subscription: Object, line: Object) -> Object:
    """Keep a line of a proration as an item that waits for the next invoice."""
    details = line["parent"]["subscription_item_details"]
    parent = {
        "subscription": subscription["id"],
        "subscription_item": details["subscription_item"],
    }
    item = stripe.records.add(
        {
            "id": stripe.records.new_id("ii"),
            "object": "invoiceitem",
            "amount": line["amount"],
            "currency": line["currency"],
            "customer": subscription["customer"],
            "customer_account": None,
            "date": stripe.now(subscription["customer"]),
            "description": line["description"],
            "discountable": False,
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": line["metadata"],
            "net_amount": line["amount"],
            "parent": {"type": "subscription_details", "subscription_details": parent},
            "period": line["period"],
            "pricing": line["pricing"],
            "proration": True,
            "proration_details": {"discount_amounts": []},
            "quantity": line["quantity"],
            "quantity_decimal": line["quantity_decimal"],
            "tax_rates": [],
            "test_clock": subscription["test_clock"],
        }
    )
    stripe.happened("invoiceitem.created", item)
    return item


def put_on(stripe: StripeEmulator, invoice: Object, items: list[Object]) -> None:
    """Make items the lines of a draft."""
    if len(invoice["lines"]["data"]) + len(items) > MOST_LINES:
        raise StripeFailure(f"An invoice has {MOST_LINES} items at most.", param="invoice")
    check_for_automatic_tax(invoice, items)
    for one in items:
        one["invoice"] = invoice["id"]
    invoices.add_lines(stripe, invoice, [line_of_item(stripe, one) for one in items])


def subscription_id_of(item: Object) -> str | None:
    """The subscription that an item names."""
    return item["parent"]["subscription_details"]["subscription"] if item["parent"] else None


def is_for(line: Object, item: Object) -> bool:
    """Whether a line is what became of an item."""
    kind = line["parent"]["type"]
    return bool(line["parent"][kind].get("invoice_item") == item["id"])


def _editable(stripe: StripeEmulator, item: Object) -> Object | None:
    """The draft that an item is on, if it is on one; raises for what was finalised."""
    invoice = stripe.records.find("invoice", item["invoice"])
    if invoice is not None and invoice["status"] != "draft":
        raise _not_editable()
    return invoice


def _draft(stripe: StripeEmulator, customer: Object, invoice_id: str | None) -> Object | None:
    if invoice_id is None:
        return None
    invoice = stripe.records.get("invoice", invoice_id, "invoice")
    if invoice["customer"] != customer["id"]:
        raise missing("invoice", invoice_id, "invoice")
    if invoice["status"] != "draft":
        raise _not_editable()
    return invoice


def _not_editable() -> StripeFailure:
    message = "This invoice is no longer editable"
    return StripeFailure(message, code="invoice_not_editable", param="invoice")


def _subscription(
    stripe: StripeEmulator, customer: Object, subscription_id: str | None
) -> Object | None:
    if subscription_id is None:
        return None
    subscription = stripe.records.get("subscription", subscription_id, "subscription")
    if subscription["customer"] != customer["id"]:
        raise missing("subscription", subscription_id, "subscription")
    if subscription["status"] in {"canceled", "incomplete_expired"}:
        message = f"Subscription {subscription_id} has ended; no invoice of it will come."
        raise StripeFailure(message, param="subscription")
    return subscription


def _period(given: Object) -> Object:
    start, end = number(given.get("start")), number(given.get("end"))
    if end < start:
        raise StripeFailure("The period must not end before it starts.", param="period[end]")
    return {"start": start, "end": end}


def _parent(subscription: Object | None) -> Object | None:
    if subscription is None:
        return None
    details: dict[str, Any] = {"subscription": subscription["id"], "subscription_item": None}
    return {"type": "subscription_details", "subscription_details": details}
