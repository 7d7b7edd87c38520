"""The balance of customers: what they are owed (below nothing) or owe, and how it came to be.

https://docs.stripe.com/billing/customer/balance
"""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed


def move(stripe: StripeEmulator, customer: Object, amount: int, kind: str, about: Object) -> Object:
    """Add to a customer's balance; ``kind`` is the transaction's type.

    ``about`` has its ``currency``, and where there are any ``invoice``, ``credit_note``,
    ``description`` and ``metadata``.
    """
    customer["balance"] += amount
    return stripe.records.add(
        {
            "id": stripe.records.new_id("cbtxn"),
            "object": "customer_balance_transaction",
            "amount": amount,
            "checkout_session": None,
            "created": stripe.now(customer["id"]),
            "credit_note": about.get("credit_note"),
            "currency": about["currency"],
            "customer": customer["id"],
            "customer_account": None,
            "description": about.get("description"),
            "ending_balance": customer["balance"],
            "invoice": about.get("invoice"),
            "livemode": False,
            "metadata": about.get("metadata") or {},
            "type": kind,
        }
    )


def create_transaction(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``POST /v1/customers/{id}/balance_transactions``: an adjustment."""
    customer = stripe.records.get("customer", customer_id)
    for name in ("amount", "currency"):
        if not params.get(name):
            raise required(name)
    currency = params["currency"].lower()
    if customer["currency"] not in {None, currency}:
        raise StripeFailure(
            f"This customer's currency is {customer['currency']}.", param="currency"
        )
    customer["currency"] = currency
    about = {name: params.get(name) for name in ("description", "metadata")}
    about["currency"] = currency
    made = move(stripe, customer, number(params["amount"]), "adjustment", about)
    stripe.happened("customer.updated", customer)
    return made


def list_transactions(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``GET /v1/customers/{id}/balance_transactions``."""
    stripe.records.get("customer", customer_id)

    def wanted(one: Object) -> bool:
        return params.get("invoice") in {None, one["invoice"]}

    found = stripe.records.of(customer_id, "customer_balance_transaction")
    return listed(found, params, f"/v1/customers/{customer_id}/balance_transactions", wanted)
