"""Where a buyer who pays by bank transfer sends the money, as pairs of what it is and its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from billing.invoices.document.clean_text import cleaned

NAMES = {
    "account_holder_name": "holder",
    "iban": "iban",
    "bic": "bic",
    "bank_name": "bank",
    "branch_name": "bank",
    "account_number": "account_number",
    "sort_code": "sort_code",
    "routing_number": "routing_number",
    "clabe": "CLABE",
}
"""Stripe's names, and the texts of the catalogues; what has none is called so everywhere."""


def transfer_details(bank_transfer: Mapping[str, Any], number: str) -> list[tuple[str, str]]:
    """What is written on an invoice, with its number as the reference.

    ``bank_transfer`` is what Stripe's funding instructions say
    (https://docs.stripe.com/api/cash_balance_transactions), with ``financial_addresses``; nothing
    comes of what names no account.
    """
    found = dict(_pairs(bank_transfer))
    if not {"iban", "account_number", "CLABE"} & set(found):
        return []
    return [*found.items(), ("reference", cleaned(number, 60))]


def _pairs(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    addresses = found.get("financial_addresses") or [found]
    first = addresses[0]
    account = first.get(first.get("type"), first)
    if not isinstance(account, Mapping):
        account = first
    for name, said in NAMES.items():
        value = account.get(name)
        if isinstance(value, str) and value:
            yield said, cleaned(value, 100)
