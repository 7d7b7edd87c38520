"""What of the seller and the language holds for a document: as it was when it was finalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.invoices.document.catalogue import LANGUAGES
from billing.invoices.document.clean_text import cleaned
from billing.invoices.document.facts import Party
from layers.settings import SellerSettings


@dataclass(frozen=True)
class Issued:
    """The seller, the document's language, and what stands at the foot of each page."""

    seller: Party
    language: str
    small_print: tuple[str, ...] = ()


def kept_of(seller: SellerSettings, language: str) -> dict[str, Any]:
    """What is kept with a document, as JSON, the moment that it is finalised."""
    return {"seller": seller.kept(), "language": language}


def issued_of(kept: Mapping[str, Any] | None, seller: SellerSettings, account: str) -> Issued:
    """What was kept with a document; today's seller where nothing was, such as of a draft.

    ``account`` is the name of the account at Stripe, for a seller who is not set up.
    """
    found = kept or kept_of(seller, seller.language)
    one = found["seller"]
    language = found["language"] if found["language"] in LANGUAGES else "en"
    contact = " · ".join(text for text in (one["email"], one["phone"]) if text)
    lines = [one["registration"], " · ".join(one["bank"]), contact, *one["footer"]]
    party = Party(
        name=cleaned(one["name"] or account or "Treadle", 300),
        address=[cleaned(line) for line in one["address"]],
        country=one["country"],
        tax_ids=[(kind, cleaned(value, 60)) for kind, value in one["tax_ids"]],
    )
    return Issued(party, language, tuple(text for text in map(cleaned, lines) if text))
