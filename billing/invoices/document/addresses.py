"""Addresses as lines, the country left to words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.invoices.document.clean_text import cleaned

CITY_FIRST = frozenset(("US", "CA", "AU", "GB", "IE", "IN", "NZ", "SG", "TH", "TW", "BR", "KR"))
"""Where the postal code follows the city (UPU, addressing systems)."""
LARGEST_FIRST = frozenset(("JP", "CN"))


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """What Stripe keeps of an address, as lines from the street to the town."""
    found = address or {}
    code, city, state = (cleaned(found.get(name)) for name in ("postal_code", "city", "state"))
    streets = [cleaned(found.get("line1")), cleaned(found.get("line2"))]
    country = str(found.get("country") or "").upper()
    if country in LARGEST_FIRST:
        lines = [code, " ".join(one for one in (state, city) if one), *streets]
    elif country in CITY_FIRST:
        place = ", ".join(one for one in (city, " ".join(p for p in (state, code) if p)) if one)
        lines = [*streets, place]
    else:
        lines = [*streets, " ".join(one for one in (code, city) if one), state]
    return [one for one in lines if one]
