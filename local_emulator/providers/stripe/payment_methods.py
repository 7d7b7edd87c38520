"""Payment methods: Stripe's own for tests, attached to customers, and what becomes of paying.

Which does what: https://docs.stripe.com/testing. A card that is refused when it is charged cannot
be attached either, but for ``pm_card_chargeCustomerFail``, which fails only once it is charged.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined, missing
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.moments import month_ends
from local_emulator.providers.stripe.records import Object, listed

KIND = "emulator_kind"
SET_UP = "emulator_set_up"
AGREED = "emulator_agreed"
"""Whether the bank's consent was given for the payment that comes next."""


@dataclass(frozen=True)
class Kind:
    """What a method for tests does. ``refused`` is the decline code of every charge.

    ``consent`` says when the bank asks: ``never``, ``always``, ``unless_set_up`` (off-session
    payments need none once it was set up), ``on_session`` (as if it were set up already).
    """

    number: str
    brand: str = "visa"
    refused: str | None = None
    attaches: bool = True
    consent: str = "never"
    type: str = "card"

    @property
    def last4(self) -> str:
        """What of the number is shown."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number, whoever has it attached."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _declining(digits: str, code: str) -> Kind:
    return Kind(digits, refused=code, attaches=False)


KINDS = {
    "pm_card_visa": Kind("4242424242424242"),
    "pm_card_visa_debit": Kind("4000056655665556"),
    "pm_card_mastercard": Kind("5555555555554444", "mastercard"),
    "pm_card_amex": Kind("378282246310005", "amex"),
    "pm_card_chargeCustomerFail": Kind("4000000000000341", refused="generic_decline"),
    "pm_card_chargeDeclined": _declining("4000000000000002", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": _declining("4000000000009995", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": _declining("4000000000009987", "lost_card"),
    "pm_card_chargeDeclinedStolenCard": _declining("4000000000009979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": _declining("4000000000000069", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declining("4000000000000127", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declining("4000000000000119", "processing_error"),
    "pm_card_authenticationRequired": Kind("4000002760003184", consent="always"),
    "pm_card_authenticationRequiredOnSetup": Kind("4000002500003155", consent="unless_set_up"),
    "pm_card_authenticationRequiredSetupForOffSession": Kind(
        "4000003800000446", consent="on_session"
    ),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": Kind(
        "4000008260003178", refused="insufficient_funds", consent="always"
    ),
    "pm_card_threeDSecureRequiredChargeDeclined": Kind(
        "4000008400001629", refused="generic_decline", consent="always"
    ),
    "pm_card_createDispute": Kind("4000000000000259"),
    "pm_usBankAccount": Kind("000123456789", type="us_bank_account"),
    "pm_usBankAccount_success": Kind("000123456789", type="us_bank_account"),
    "pm_usBankAccount_insufficientFunds": Kind(
        "000222222227", type="us_bank_account", refused="insufficient_funds"
    ),
}
"""By name."""
KINDS |= {
    name.replace("pm_card_charge", "pm_card_visa_charge"): kind
    for name, kind in KINDS.items()
    if name.startswith("pm_card_chargeDeclined")
}

MESSAGES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
}
"""Code and message by decline code (https://docs.stripe.com/declines/codes)."""


def attach_method(stripe: StripeEmulator, params: Object, method_id: str) -> Object:
    """``POST /v1/payment_methods/{id}/attach``; the methods for tests are made by it."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    method = stripe.records.find("payment_method", method_id) or new_method(stripe, method_id)
    refuse_bad(method)
    method["customer"] = customer["id"]
    stripe.happened("payment_method.attached", method)
    return method


def refuse_bad(method: Object) -> None:
    """Raises StripeFailure for a card that cannot be attached to a customer."""
    kind = kind_of(method)
    if kind.refused and not kind.attaches:
        raise failure_of(kind.refused)


def update_method(stripe: StripeEmulator, params: Object, method_id: str) -> Object:
    """``POST /v1/payment_methods/{id}``: when a card expires, and whose it is."""
    method = stripe.records.get("payment_method", method_id)
    for name in ("exp_month", "exp_year"):
        if (params.get("card") or {}).get(name):
            method["card"][name] = number(params["card"][name])
    method["billing_details"] |= params.get("billing_details") or {}
    method["metadata"] |= params.get("metadata") or {}
    stripe.happened("payment_method.updated", method)
    return method


def detach_method(stripe: StripeEmulator, params: Object, method_id: str) -> Object:
    """``POST /v1/payment_methods/{id}/detach``."""
    method = stripe.records.get("payment_method", method_id)
    customer = stripe.records.find("customer", method["customer"])
    if customer is None:
        raise StripeFailure("The payment method you provided is not attached to a customer.")
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == method_id:
        settings["default_payment_method"] = None
    stripe.happened("payment_method.detached", method)
    method["customer"] = None
    return method


def list_methods(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/payment_methods``, of a customer."""

    def wanted(method: Object) -> bool:
        fits = params.get("type") in {None, method["type"]}
        return fits and bool(method["customer"] == params.get("customer"))

    return listed(stripe.records.all("payment_method"), params, "/v1/payment_methods", wanted)


def new_method(stripe: StripeEmulator, name: str) -> Object:
    """Make one of Stripe's methods for tests; raises StripeFailure for one that there is not."""
    if name not in KINDS:
        raise missing("PaymentMethod", name, "payment_method")
    kind = KINDS[name]
    return stripe.records.add(
        {
            "id": stripe.records.new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {"address": None, "email": None, "name": None, "phone": None},
            kind.type: _card(kind) if kind.type == "card" else _bank_account(kind),
            "created": stripe.now(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": kind.type,
            KIND: name,
            SET_UP: kind.consent == "on_session",
            AGREED: False,
        }
    )


def kind_of(method: Object) -> Kind:
    """What a method does."""
    return KINDS[method[KIND]]


def own_method(stripe: StripeEmulator, customer_id: str, method_id: str | None) -> Object | None:
    """A payment method of this customer; raises StripeFailure for another's."""
    if method_id is None:
        return None
    method = stripe.records.get("payment_method", method_id, "payment_method")
    if method["customer"] != customer_id:
        raise missing("PaymentMethod", method_id, "payment_method")
    return method


def refusal_of(stripe: StripeEmulator, method: Object) -> str | None:
    """The decline code of a charge now, None where it succeeds; cards expire with their month."""
    if method["type"] == "card":
        card = method["card"]
        if stripe.now(method["customer"]) >= month_ends(card["exp_year"], card["exp_month"]):
            return "expired_card"
    return kind_of(method).refused


def needs_consent(method: Object, *, off_session: bool) -> bool:
    """Whether the bank asks the customer before this payment."""
    if method[AGREED]:
        return False
    consent = kind_of(method).consent
    if off_session and consent == "unless_set_up":
        return not method[SET_UP]
    return consent == "always" or (not off_session and consent != "never")


def failure_of(decline_code: str) -> StripeFailure:
    """The error of a refused charge."""
    code, message = MESSAGES[decline_code]
    return declined(message, code, decline_code)


def names_of(method: Object) -> str:
    """What a person calls it: ``visa 4242``."""
    if method["type"] == "card":
        return f"{method['card']['brand']} {method['card']['last4']}"
    return f"{method[method['type']]['bank_name']} {method[method['type']]['last4']}"


def _card(kind: Kind) -> Object:
    return {
        "brand": kind.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US" if kind.consent == "never" else "IE",
        "display_brand": kind.brand,
        "exp_month": 8,
        "exp_year": 2034,
        "fingerprint": kind.fingerprint,
        "funding": "credit",
        "last4": kind.last4,
        "networks": {"available": [kind.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank_account(kind: Kind) -> Object:
    return {
        "account_holder_type": "company",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "fingerprint": kind.fingerprint,
        "last4": kind.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }
