"""Countries, as tax sees them."""

from __future__ import annotations

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
"""The member states of the European Union."""
VAT_PREFIX = {"GR": "EL", "GB": "XI", "MC": "FR"}
"""How European VAT numbers begin where that is not the country's own code: Northern Ireland has
XI, and Monaco belongs to France."""
WITH_POSTAL_CODE = frozenset({"US", "CA"})
"""Where tax cannot be told without the postal code."""


def vat_prefix(country: str) -> str:
    """How the European VAT numbers of a country begin."""
    return VAT_PREFIX.get(country, country)
