"""Stripe Tax's settings: where the seller is, and where it is registered.

https://docs.stripe.com/api/tax/settings and https://docs.stripe.com/api/tax/registrations
"""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed

SETTINGS = "tax_settings"
"""The one record of its kind, by an id of the emulator's."""


def settings_of(stripe: StripeEmulator) -> Object:
    """The settings; pending until a head office is set."""
    found = stripe.records.find("tax.settings", SETTINGS)
    return found or stripe.records.add(
        {
            "id": SETTINGS,
            "object": "tax.settings",
            "defaults": {"provider": "stripe", "tax_behavior": None, "tax_code": "txcd_10103001"},
            "head_office": None,
            "livemode": False,
            "status": "pending",
            "status_details": {"pending": {"missing_fields": ["head_office"]}},
        }
    )


def read_settings(stripe: StripeEmulator, _params: Object) -> Object:
    """``GET /v1/tax/settings``."""
    return {k: v for k, v in settings_of(stripe).items() if k != "id"}


def update_settings(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/tax/settings``."""
    settings = settings_of(stripe)
    settings["defaults"] |= params.get("defaults") or {}
    address = (params.get("head_office") or {}).get("address")
    if address:
        if not address.get("country"):
            raise required("head_office[address][country]")
        settings["head_office"] = {"address": address}
        settings["status"], settings["status_details"] = "active", {"active": {}}
    stripe.happened("tax.settings.updated", settings)
    return read_settings(stripe, {})


def create_registration(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/tax/registrations``, such as ``country_options[de][type]=standard``."""
    for name in ("country", "country_options", "active_from"):
        if not params.get(name):
            raise required(name)
    country = params["country"].upper()
    options = params["country_options"].get(country.lower())
    if not options or not options.get("type"):
        raise required(f"country_options[{country.lower()}][type]")
    now = stripe.now()
    active_from = now if params["active_from"] == "now" else number(params["active_from"])
    return stripe.records.add(
        {
            "id": stripe.records.new_id("taxreg"),
            "object": "tax.registration",
            "active_from": active_from,
            "country": country,
            "country_options": {country.lower(): options},
            "created": now,
            "expires_at": number(params["expires_at"]) if params.get("expires_at") else None,
            "livemode": False,
            "status": "active" if active_from <= now else "scheduled",
        }
    )


def update_registration(stripe: StripeEmulator, params: Object, registration_id: str) -> Object:
    """``POST /v1/tax/registrations/{id}``: when it ends."""
    found = stripe.records.get("tax.registration", registration_id)
    if "expires_at" in params:
        at = params["expires_at"]
        found["expires_at"] = stripe.now() if at == "now" else number(at) if at else None
    return found


def list_registrations(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/tax/registrations``."""
    return listed(stripe.records.all("tax.registration"), params, "/v1/tax/registrations")


def registrations(stripe: StripeEmulator, now: int) -> list[tuple[str, Object]]:
    """The country and the options of each registration that holds at a moment."""
    return [
        (one["country"], one["country_options"][one["country"].lower()])
        for one in stripe.records.all("tax.registration")
        if one["active_from"] <= now and (one["expires_at"] is None or now < one["expires_at"])
    ]


def check_active(stripe: StripeEmulator) -> None:
    """Stripe Tax needs to know where the seller is; raises StripeFailure."""
    if settings_of(stripe)["status"] != "active":
        raise StripeFailure(
            "You must have a valid head office address to enable automatic tax calculation in"
            " test mode. Visit https://dashboard.stripe.com/test/settings/tax to update it.",
            code="stripe_tax_inactive",
        )
