"""Charges: each attempt to take money, as it came out."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.payment_methods import MESSAGES
from local_emulator.providers.stripe.records import Object, listed

SHOWN = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")


def charge(
    stripe: StripeEmulator, intent: Object, method: Object, status: str, refused: str | None = None
) -> Object:
    """An attempt for a payment intent: ``succeeded``, ``pending``, or ``failed`` as refused."""
    code, message = MESSAGES[refused] if refused else (None, None)
    details: Object = dict(method[method["type"]])
    if method["type"] == "card":
        details = {name: details[name] for name in SHOWN} | {"network": details["brand"]}
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("ch" if method["type"] == "card" else "py"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if status == "succeeded" else 0,
            "amount_refunded": 0,
            "billing_details": method["billing_details"],
            "captured": status == "succeeded",
            "created": stripe.now(intent["customer"]),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": code,
            "failure_message": message,
            "livemode": False,
            "metadata": {},
            "outcome": _outcome(status, refused),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {method["type"]: details, "type": method["type"]},
            "refunded": False,
            "refunds": {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": "/v1/refunds",
            },
            "status": status,
        }
    )
    intent["latest_charge"] = made["id"]
    return made


def _outcome(status: str, refused: str | None) -> Object:
    network = "declined_by_network" if refused else "approved_by_network"
    seller = "The bank did not return any further details with this decline."
    return {
        "advice_code": "try_again_later" if refused else None,
        "network_status": network,
        "reason": refused,
        "risk_level": "normal",
        "seller_message": seller if refused else "Payment complete.",
        "type": "issuer_declined" if refused else "authorized",
    }


def refunded(stripe: StripeEmulator, refund: Object) -> None:
    """Note on its charge what was paid back (``refund`` has ``payment_intent`` and ``amount``)."""
    intent = stripe.records.get("payment_intent", refund["payment_intent"])
    found = stripe.records.find("charge", intent["latest_charge"])
    if found is None:
        return
    found["amount_refunded"] += refund["amount"]
    found["refunded"] = found["amount_refunded"] == found["amount"]
    found["refunds"]["data"].insert(0, dict(refund))
    stripe.happened("charge.refunded", found)


def list_charges(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/charges``, by customer or payment intent."""

    def wanted(one: Object) -> bool:
        return params.get("customer") in {None, one["customer"]} and params.get(
            "payment_intent"
        ) in {None, one["payment_intent"]}

    found = stripe.records.of(params.get("customer"), "charge")
    return listed(found, params, "/v1/charges", wanted)
