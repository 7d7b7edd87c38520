"""Tax ids: which type is for which country, and whether a number can be right.

The types are Stripe's (https://docs.stripe.com/billing/customer/tax-ids). Lengths, forms and check
digits are python-stdnum's; whether such a business exists Stripe asks of the register afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stdnum import get_cc_module
from stdnum.eu import vat as european
from stdnum.exceptions import InvalidChecksum, ValidationError

from billing.taxes.countries import EU, vat_prefix
from layers.errors import FieldError

MAGIC = ("000000000", "111111111", "222222222")
"""Stripe's numbers for tests: verified, not verified, pending for ever."""


class Numbers(Protocol):
    """What python-stdnum knows of one kind of number."""

    def validate(self, number: str, /) -> str:
        """The number without blanks and signs; raises ValidationError."""
        ...


@dataclass(frozen=True)
class TaxIdType:
    """A type of tax ids: an example, the countries whose buyers have it, and how it is checked."""

    example: str
    countries: frozenset[str]
    numbers: str
    """Country and name in python-stdnum, such as ``gb.vat``."""


TYPES = {
    "eu_vat": TaxIdType("DE123456789", EU | {"GB", "MC"}, "eu.vat"),
    "gb_vat": TaxIdType("GB123456789", frozenset({"GB", "IM"}), "gb.vat"),
    "ch_vat": TaxIdType("CHE-123.456.789 MWST", frozenset({"CH", "LI"}), "ch.vat"),
    "no_vat": TaxIdType("123456789MVA", frozenset({"NO"}), "no.mva"),
    "us_ein": TaxIdType("12-3456789", frozenset({"US"}), "us.ein"),
    "ca_bn": TaxIdType("123456789", frozenset({"CA"}), "ca.bn"),
    "au_abn": TaxIdType("12345678912", frozenset({"AU"}), "au.abn"),
    "nz_gst": TaxIdType("123456789", frozenset({"NZ"}), "nz.ird"),
    "in_gst": TaxIdType("27AAPFU0939F1ZV", frozenset({"IN"}), "in_.gstin"),
    "jp_cn": TaxIdType("1234567891234", frozenset({"JP"}), "jp.cn"),
    "br_cnpj": TaxIdType("01.234.456/5432-10", frozenset({"BR"}), "br.cnpj"),
    "sg_uen": TaxIdType("123456789F", frozenset({"SG"}), "sg.uen"),
}
"""Those that are asked for most; Stripe's others are checked by Stripe alone."""


def tax_id_error(kind: str, value: str, country: str, *, test_mode: bool) -> FieldError | None:
    """What is wrong with a tax id of a buyer in a country ("" where it is not known), if anything.

    In Stripe's test mode check digits do not matter, and Stripe's numbers for tests are taken: so
    do the examples of its documentation, whose check digits are none.
    """
    known = TYPES.get(kind)
    countries = known.countries if known else frozenset({kind[:2].upper()})
    if country and country not in countries:
        return FieldError(
            "/tax_id_type",
            f"Buyers in {country} have no tax id of the type {kind}: choose another type, remove"
            " the tax id, or correct the country.",
        )
    if kind == "eu_vat" and country and not _compact(value).startswith(vat_prefix(country)):
        return FieldError(
            "/tax_id",
            f"A European VAT number of a buyer in {country} begins with {vat_prefix(country)}:"
            " give the one of that country, or remove it.",
        )
    if known is None or (test_mode and any(one in value for one in MAGIC)):
        return None
    try:
        _numbers(known).validate(value)
    except InvalidChecksum:
        if test_mode:
            return None
        message = "The check digits of this number are wrong: compare it with the certificate."
        return FieldError("/tax_id", message)
    except ValidationError:
        message = f"That is no number of the type {kind}; one looks like {known.example}."
        return FieldError("/tax_id", message)
    return None


def is_for(kind: str, value: str, country: str) -> bool:
    """Whether a tax id is one of a buyer in this country."""
    known = TYPES.get(kind)
    if kind == "eu_vat":
        return _compact(value).startswith(vat_prefix(country))
    return country in (known.countries if known else {kind[:2].upper()})


def written(kind: str, value: str) -> str:
    """A tax id as it is sent to Stripe: European numbers without blanks and in capitals."""
    return _compact(value) if kind == "eu_vat" else value.strip()


def _compact(value: str) -> str:
    return value.replace(" ", "").replace("-", "").replace(".", "").upper()


def _numbers(kind: TaxIdType) -> Numbers:
    country, _dot, name = kind.numbers.partition(".")
    if country == "eu":
        return european
    found: Numbers | None = get_cc_module(country.rstrip("_"), name)
    if found is None:
        raise LookupError(f"python-stdnum has no {kind.numbers}")
    return found
