"""Tax ids of customers: their forms, and what becomes of their verification.

https://docs.stripe.com/billing/customer/tax-ids: a form that cannot be is refused; whether there
is such a business is found out afterwards, for some types, and told by ``customer.tax_id.updated``.
"""

from __future__ import annotations

import re

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.records import Object, listed

EU_VAT = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}(\d{3})?",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}",
}
"""What comes after the country in each member state's number."""
FORMS = {
    "eu_vat": "|".join(f"{country}{form}" for country, form in EU_VAT.items()),
    "gb_vat": r"GB(\d{9}|\d{12})",
    "ch_vat": r"CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)",
    "ch_uid": r"CHE-?\d{3}\.?\d{3}\.?\d{3}( ?HR)?",
    "li_uid": r"CHE-?\d{3}\.?\d{3}\.?\d{3}",
    "no_vat": r"\d{9}MVA",
    "us_ein": r"\d{2}-?\d{7}",
    "ca_bn": r"\d{9}",
    "ca_gst_hst": r"\d{9}RT\d{4}",
    "au_abn": r"\d{11}",
    "nz_gst": r"\d{8,9}",
    "jp_cn": r"\d{13}",
    "jp_rn": r"\d{5}",
    "jp_trn": r"T\d{13}",
    "in_gst": r"\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]",
    "sg_gst": r"M\d{8}[A-Z]",
    "sg_uen": r"[A-Z0-9]{9,10}",
    "br_cnpj": r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}",
    "mx_rfc": r"[A-Z&]{3,4}\d{6}[A-Z0-9]{3}",
    "kr_brn": r"\d{3}-?\d{2}-?\d{5}",
    "za_vat": r"4\d{9}",
    "es_cif": r"[A-Z]\d{7}[A-Z0-9]",
    "de_stn": r"\d{10,11}",
}
VERIFIED_TYPES = frozenset({"eu_vat", "gb_vat", "au_abn", "ch_vat"})
"""Which types are verified at a state's register; others are ``unavailable`` at once."""
MAGIC = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}
"""Stripe's numbers for tests, with the country before them; ``pending`` never ends."""


def create_tax_id(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``POST /v1/customers/{id}/tax_ids``; its verification is pending at first."""
    stripe.records.get("customer", customer_id)
    for name in ("type", "value"):
        if not params.get(name):
            raise required(name)
    kind, value = params["type"], params["value"].strip()
    if kind not in FORMS:
        message = f"Invalid type: must be one of {', '.join(FORMS)}"
        raise StripeFailure(message, param="type")
    if not re.fullmatch(FORMS[kind], value.replace(" ", "") if kind == "eu_vat" else value):
        raise StripeFailure(f"Invalid value for {kind}.", code="tax_id_invalid", param="value")
    if any((one["type"], one["value"]) == (kind, value) for one in tax_ids_of(stripe, customer_id)):
        message = f"The customer already has the tax ID {value}."
        raise StripeFailure(message, code="resource_already_exists", param="value")
    status = "pending" if kind in VERIFIED_TYPES else "unavailable"
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("txi"),
            "object": "tax_id",
            "country": country_of(kind, value),
            "created": stripe.now(customer_id),
            "customer": customer_id,
            "customer_account": None,
            "livemode": False,
            "owner": {"type": "customer", "customer": customer_id, "customer_account": None},
            "type": kind,
            "value": value,
            "verification": {"status": status, "verified_address": None, "verified_name": None},
        }
    )
    stripe.happened("customer.tax_id.created", made)
    return made


def verify(stripe: StripeEmulator) -> bool:
    """Let registers answer for what is pending, as they do some time afterwards.

    Says whether any did.
    """
    answered = False
    for one in stripe.records.all("tax_id"):
        if one["verification"]["status"] != "pending":
            continue
        digits = "".join(c for c in one["value"] if c.isdigit())
        status = MAGIC.get(digits[:9], "unavailable")
        if status == "pending":
            continue
        customer = stripe.records.get("customer", one["customer"])
        if status == "verified":
            one["verification"]["verified_name"] = customer["name"]
        one["verification"]["status"] = status
        previous = {"verification": {"status": "pending"}}
        stripe.happened("customer.tax_id.updated", one, previous)
        answered = True
    return answered


def list_tax_ids(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``GET /v1/customers/{id}/tax_ids``."""
    stripe.records.get("customer", customer_id)
    url = f"/v1/customers/{customer_id}/tax_ids"
    return listed(tax_ids_of(stripe, customer_id), params, url)


def delete_tax_id(stripe: StripeEmulator, _params: Object, customer_id: str, tax_id: str) -> Object:
    """``DELETE /v1/customers/{id}/tax_ids/{id}``."""
    found = stripe.records.get("tax_id", tax_id)
    if found["customer"] != customer_id:
        raise missing("tax id", tax_id)
    stripe.records.forget(tax_id)
    stripe.happened("customer.tax_id.deleted", found)
    return {"id": tax_id, "object": "tax_id", "deleted": True}


def tax_ids_of(stripe: StripeEmulator, customer_id: str) -> list[Object]:
    """The tax ids of a customer."""
    return stripe.records.of(customer_id, "tax_id")


def country_of(kind: str, value: str) -> str | None:
    """The country of a tax id; Greece's numbers begin with EL, Northern Ireland's with XI."""
    if kind != "eu_vat":
        return kind[:2].upper()
    return {"EL": "GR", "XI": "GB"}.get(value[:2].upper(), value[:2].upper())
