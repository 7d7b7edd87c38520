"""The calls about tax and discounts."""

from __future__ import annotations

from collections.abc import Callable

from local_emulator.providers.stripe import (
    coupons,
    discounts,
    promotion_codes,
    tax_ids,
    tax_rates,
    tax_settings,
)
from local_emulator.providers.stripe.records import Object

ID = r"([A-Za-z0-9_]+)"
COUPON = r"([^/]+)"
"""Coupons are named by who makes them."""
ROUTES: tuple[tuple[str, str, Callable[..., Object]], ...] = (
    ("POST", f"customers/{ID}/tax_ids", tax_ids.create_tax_id),
    ("GET", f"customers/{ID}/tax_ids", tax_ids.list_tax_ids),
    ("DELETE", f"customers/{ID}/tax_ids/{ID}", tax_ids.delete_tax_id),
    ("POST", "tax_rates", tax_rates.create_rate),
    ("GET", "tax_rates", tax_rates.list_rates),
    ("POST", f"tax_rates/{ID}", tax_rates.update_rate),
    ("GET", "tax/settings", tax_settings.read_settings),
    ("POST", "tax/settings", tax_settings.update_settings),
    ("POST", "tax/registrations", tax_settings.create_registration),
    ("GET", "tax/registrations", tax_settings.list_registrations),
    ("POST", f"tax/registrations/{ID}", tax_settings.update_registration),
    ("POST", "coupons", coupons.create_coupon),
    ("GET", "coupons", coupons.list_coupons),
    ("GET", f"coupons/{COUPON}", coupons.read_coupon),
    ("POST", f"coupons/{COUPON}", coupons.update_coupon),
    ("DELETE", f"coupons/{COUPON}", coupons.delete_coupon),
    ("POST", "promotion_codes", promotion_codes.create_code),
    ("GET", "promotion_codes", promotion_codes.list_codes),
    ("POST", f"promotion_codes/{ID}", promotion_codes.update_code),
    ("DELETE", f"subscriptions/{ID}/discount", discounts.delete_discount),
)
READ = {
    "promotion_codes": "promotion_code",
    "tax_rates": "tax_rate",
    "tax/registrations": "tax.registration",
}
