"""Checkout sessions that are paid once (``mode`` ``payment``), with an invoice.

https://docs.stripe.com/payments/checkout/receipts#paid-invoices
"""

from __future__ import annotations

from local_emulator.providers.stripe.billing import collect
from local_emulator.providers.stripe.catalogue import create_price
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.invoice_items import create_item
from local_emulator.providers.stripe.invoices import finalize, keep_draft, make_invoice
from local_emulator.providers.stripe.records import Object


def priced(stripe: StripeEmulator, params: Object) -> None:
    """Give lines that say their price in place (``price_data``) a price of their own."""
    for given in params.get("line_items") or []:
        data = given.pop("price_data", None)
        if data is None:
            continue
        if data.get("recurring") and params["mode"] == "payment":
            raise StripeFailure("A payment takes one-time prices only.", param="line_items")
        given["price"] = create_price(stripe, data)["id"]


def charge(stripe: StripeEmulator, session: Object, method: Object) -> None:
    """Collect what a session is for by an invoice."""
    customer = stripe.records.get("customer", session["customer"])
    creation = session["emulator_invoice_creation"]
    price = stripe.records.get("price", session["emulator_items"][0]["price"])
    invoice = make_invoice(stripe, customer, [], "manual", None)
    invoice["currency"], invoice["auto_advance"] = price["currency"], False
    invoice["metadata"] = dict((creation.get("invoice_data") or {}).get("metadata") or {})
    invoice["default_payment_method"] = method["id"]
    invoice["automatic_tax"]["enabled"] = session["automatic_tax"]["enabled"]
    keep_draft(stripe, invoice)
    for given in session["emulator_items"]:
        wish = {"customer": customer["id"], "invoice": invoice["id"]}
        wish |= {"pricing": {"price": given["price"]}, "quantity": given.get("quantity", 1)}
        wish |= {"tax_rates": given.get("tax_rates") or []}
        create_item(stripe, wish)
    finalize(stripe, invoice)
    collect(stripe, invoice)
    session["invoice"] = invoice["id"]
    session["payment_status"] = "paid" if invoice["status"] == "paid" else "unpaid"
