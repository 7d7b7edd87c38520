"""Bank transfers: where to pay to, what came, and which invoices it pays.

A transfer pays the invoice that its reference names, else one of exactly its amount, else open
invoices beginning with the oldest. What is left waits for the next invoice
(https://docs.stripe.com/payments/customer-balance/reconciliation).
"""

from __future__ import annotations

from local_emulator.providers.stripe.charges import charge
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.invoice_payments import connect
from local_emulator.providers.stripe.invoices import subscription_of
from local_emulator.providers.stripe.payment_intents import new_intent
from local_emulator.providers.stripe.records import Object

CASH = "emulator_cash"
OVERDUE = "emulator_overdue"
HOLDER = "Treadle (emulated)"


def funding_instructions(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``POST /v1/customers/{id}/funding_instructions``: the same account each time."""
    stripe.records.get("customer", customer_id)
    if params.get("funding_type") != "bank_transfer":
        raise StripeFailure("Only bank_transfer is a funding type.", param="funding_type")
    if not params.get("currency"):
        raise required("currency")
    return {
        "object": "funding_instructions",
        "bank_transfer": _bank_transfer(params["currency"], customer_id),
        "currency": params["currency"],
        "funding_type": "bank_transfer",
        "livemode": False,
    }


def cash_balance(stripe: StripeEmulator, _params: Object, customer_id: str) -> Object:
    """``GET /v1/customers/{id}/cash_balance``."""
    customer = stripe.records.get("customer", customer_id)
    available = {name: amount for name, amount in (customer.get(CASH) or {}).items() if amount}
    return {
        "object": "cash_balance",
        "available": available or None,
        "customer": customer_id,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


def fund(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``POST /v1/test_helpers/customers/{id}/fund_cash_balance``: a transfer arrives."""
    customer = stripe.records.get("customer", customer_id)
    amount, currency = number(params.get("amount")), params.get("currency")
    if amount <= 0:
        raise StripeFailure("This value must be greater than or equal to 1.", param="amount")
    if not currency:
        raise required("currency")
    cash = customer.setdefault(CASH, {})
    cash[currency] = cash.get(currency, 0) + amount
    kind = _bank_transfer(currency, customer_id)["type"]
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("ccsbtxn"),
            "object": "customer_cash_balance_transaction",
            "created": stripe.now(customer_id),
            "currency": currency,
            "customer": customer_id,
            "ending_balance": cash[currency],
            "funded": {"bank_transfer": {"reference": params.get("reference"), "type": kind}},
            "livemode": False,
            "net_amount": amount,
            "type": "funded",
        }
    )
    stripe.happened("customer_cash_balance_transaction.created", made)
    for invoice in _in_order(stripe, customer_id, currency, amount, params.get("reference")):
        apply_cash(stripe, invoice)
    if cash[currency]:
        balance = cash_balance(stripe, {}, customer_id)
        stripe.happened("cash_balance.funds_available", balance)
    return made


def apply_cash(stripe: StripeEmulator, invoice: Object) -> None:
    """Pay an open invoice, or a part of it, from what was transferred."""
    from local_emulator.providers.stripe.billing import after_payment
    from local_emulator.providers.stripe.payments import become_paid

    customer = stripe.records.get("customer", invoice["customer"])
    cash = customer.get(CASH) or {}
    amount = min(cash.get(invoice["currency"], 0), invoice["amount_remaining"])
    if amount <= 0 or invoice["status"] != "open":
        return
    cash[invoice["currency"]] -= amount
    wish = {"amount": amount, "currency": invoice["currency"], "customer": customer["id"]}
    intent = new_intent(stripe, wish)
    charge(stripe, intent, _transfer(), "succeeded")
    intent["status"], intent["amount_received"] = "succeeded", amount
    intent["payment_method_types"] = ["customer_balance"]
    connect(stripe, invoice, intent, amount)
    stripe.happened("payment_intent.succeeded", intent)
    invoice["amount_paid"] += amount
    invoice["amount_remaining"] -= amount
    if not invoice["amount_remaining"]:
        become_paid(stripe, invoice)
        after_payment(stripe, invoice, True)
    else:
        stripe.happened("invoice.updated", invoice)


def overdue_at(invoice: Object) -> int | None:
    """When a sent invoice becomes overdue, unless it is that already."""
    return None if invoice.get(OVERDUE) else invoice["due_date"]


def become_overdue(stripe: StripeEmulator, invoice: Object) -> None:
    """Note that a sent invoice was not paid in time."""
    invoice[OVERDUE] = True
    stripe.happened("invoice.overdue", invoice)
    subscription = subscription_of(stripe, invoice)
    if subscription is not None and subscription["status"] == "active":
        subscription["status"] = "past_due"
        before = {"status": "active"}
        stripe.happened("customer.subscription.updated", subscription, before)


def _in_order(
    stripe: StripeEmulator, customer_id: str, currency: str, amount: int, reference: str | None
) -> list[Object]:
    waiting = [
        one
        for one in stripe.records.of(customer_id, "invoice")
        if one["status"] == "open"
        and one["currency"] == currency
        and one["collection_method"] == "send_invoice"
    ]

    def rank(invoice: Object) -> tuple[bool, bool, int]:
        is_named = bool(reference and invoice["number"] and invoice["number"] in reference)
        return not is_named, invoice["amount_remaining"] != amount, invoice["created"]

    return sorted(waiting, key=rank)


def _transfer() -> Object:
    return {
        "id": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "customer_balance": {},
        "type": "customer_balance",
    }


def _bank_transfer(currency: str, customer_id: str) -> Object:
    digits = f"{int.from_bytes(customer_id.encode(), 'big') % 10**10:010d}"
    if currency == "eur":
        address = {
            "iban": {
                "account_holder_name": HOLDER,
                "bic": "TESTDEFFXXX",
                "country": "DE",
                "iban": iban("DE", f"37040044{digits}"),
            },
            "supported_networks": ["sepa"],
            "type": "iban",
        }
        return {"country": "DE", "financial_addresses": [address], "type": "eu_bank_transfer"}
    if currency == "jpy":
        zengin = {
            "account_holder_name": HOLDER,
            "account_number": digits[-7:],
            "account_type": "futsu",
            "bank_code": "0009",
            "bank_name": "Test Bank",
            "branch_code": "950",
            "branch_name": "Test Branch",
        }
        address = {"supported_networks": ["zengin"], "type": "zengin", "zengin": zengin}
        return {"country": "JP", "financial_addresses": [address], "type": "jp_bank_transfer"}
    aba = {
        "account_holder_name": HOLDER,
        "account_number": digits,
        "account_type": "checking",
        "bank_name": "Test Bank",
        "routing_number": "110000000",
    }
    address = {"aba": aba, "supported_networks": ["ach", "domestic_wire_us"], "type": "aba"}
    return {"country": "US", "financial_addresses": [address], "type": "us_bank_transfer"}


def iban(country: str, account: str) -> str:
    """An account's number with the check digits of ISO 13616."""
    moved = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(moved) % 97:02d}{account}"
