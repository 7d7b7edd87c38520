"""Which tax a sale of software as a service bears: pure, a small table in place of Stripe Tax.

Standard rates as of 2026; the rules are those of https://docs.stripe.com/tax/zero-tax and of
https://docs.stripe.com/tax/supported-countries/european-union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_EU_VAT = (
    "AT:20 BE:21 BG:20 CY:19 CZ:21 DE:19 DK:25 EE:24 ES:21 FI:25.5 FR:20 GR:24 HR:25 HU:27 IE:23"
    " IT:22 LT:21 LU:17 LV:21 MT:18 NL:21 PL:23 PT:23 RO:21 SE:25 SI:22 SK:23"
)
EU_VAT = dict(pair.split(":") for pair in _EU_VAT.split())
OTHERS = {
    "GB": ("20", "vat", "VAT"),
    "CH": ("8.1", "vat", "VAT"),
    "NO": ("25", "vat", "VAT"),
    "JP": ("10", "jct", "JCT"),
    "AU": ("10", "gst", "GST"),
}
US_STATES = {"NY": "4", "PA": "6", "WA": "6.5"}
"""State sales tax on software as a service, without what cities add; others do not tax it."""
TAX_ID_OF = {"GB": "gb_vat", "CH": "ch_vat", "NO": "no_vat", "AU": "au_abn"}
"""What shows that a buyer outside of the EU is a business that owes the tax itself."""
NEEDS_POSTAL_CODE = frozenset({"US", "CA"})


@dataclass(frozen=True)
class Buyer:
    """What a tax hangs on: the address, and the tax ids as type and country."""

    country: str | None
    state: str | None
    postal_code: str | None
    tax_ids: frozenset[tuple[str, str | None]]
    tax_exempt: str = "none"

    @property
    def is_located(self) -> bool:
        """Whether Stripe can tell where the buyer is."""
        if not self.country:
            return False
        return self.country not in NEEDS_POSTAL_CODE or bool(self.postal_code)


@dataclass(frozen=True)
class Tax:
    """A rate in percent and why it is that, in Stripe's words (``taxability_reason``)."""

    percentage: Decimal
    reason: str
    country: str
    state: str | None = None
    kind: str = "vat"
    name: str = "VAT"


def tax_on(buyer: Buyer, home: str, registered: Sequence[tuple[str, Mapping[str, Any]]]) -> Tax:
    """The tax for a located buyer of a seller whose head office is in ``home``."""
    country = buyer.country or ""
    tax = _standard(buyer, home, registered)
    owes_itself = buyer.tax_exempt == "reverse" or _owes_itself(buyer, home)
    in_eu = country in EU_VAT and any(where in EU_VAT for where, _options in registered)
    if buyer.tax_exempt == "exempt" and tax is not None:
        return _nothing(tax, "customer_exempt")
    if owes_itself and (tax is not None or in_eu):
        return _nothing(tax or Tax(Decimal(0), "", country), "reverse_charge")
    return tax or Tax(Decimal(0), "not_collecting", country, buyer.state)


def _standard(
    buyer: Buyer, home: str, registered: Sequence[tuple[str, Mapping[str, Any]]]
) -> Tax | None:
    """What a consumer there pays; None where the seller is not registered for it."""
    country = buyer.country or ""
    own = [options for where, options in registered if where == country]
    if country == "US":
        states = {options.get("state") for options in own}
        if buyer.state not in states:
            return None
        rate = US_STATES.get(buyer.state or "")
        reason = "standard_rated" if rate else "product_exempt"
        percentage = Decimal(rate or 0)
        return Tax(percentage, reason, country, buyer.state, "sales_tax", "Sales Tax")
    if country in EU_VAT:
        where = _place(country, home, own, registered)
        return None if where is None else Tax(Decimal(EU_VAT[where]), "standard_rated", where)
    if not own or country not in OTHERS:
        return None
    rate, kind, name = OTHERS[country]
    return Tax(Decimal(rate), "standard_rated", country, None, kind, name)


def _place(
    country: str,
    home: str,
    own: Sequence[Mapping[str, Any]],
    registered: Sequence[tuple[str, Mapping[str, Any]]],
) -> str | None:
    """Whose rate a buyer in the EU pays: his own country's, or a small seller's."""
    in_eu = [(where, options) for where, options in registered if where in EU_VAT]
    if own or any(options["type"].startswith("oss_") for _where, options in in_eu):
        return country
    small = any(
        where == home
        and (options.get("standard") or {}).get("place_of_supply_scheme") == "small_seller"
        for where, options in in_eu
    )
    if small:
        return home
    # Registered at home only: businesses elsewhere are told apart, consumers are not collected.
    return None


def _owes_itself(buyer: Buyer, home: str) -> bool:
    """Whether the buyer is a business abroad that owes the tax itself."""
    country = buyer.country or ""
    if country == home:
        return False
    if country in EU_VAT:
        vat_country = "EL" if country == "GR" else country
        return bool({("eu_vat", country), ("eu_vat", vat_country)} & buyer.tax_ids)
    kind = TAX_ID_OF.get(country)
    return kind is not None and any(one == kind for one, _country in buyer.tax_ids)


def _nothing(tax: Tax, reason: str) -> Tax:
    return Tax(Decimal(0), reason, tax.country, tax.state, tax.kind, tax.name)
