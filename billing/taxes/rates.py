"""Tax by a file of rates: who is registered where, and who pays which rate (pure).

::

    {
      "seller": "DE",
      "reverse_charge": ["EU", "GB"],
      "rates": [
        {"country": "DE", "name": "MwSt.", "percentage": "19", "tax_type": "vat"},
        {"country": "FR", "name": "TVA", "percentage": "20", "tax_type": "vat"},
        {"country": "US", "state": "NY", "name": "Sales tax", "percentage": "4",
         "tax_type": "sales_tax"}
      ]
    }

A rate stands for a registration: where there is none, no tax is collected. Businesses with a tax
id of their own country owe it themselves in the countries of ``reverse_charge`` (``EU``: every
member state), never at the seller's home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from billing.taxes.countries import EU
from billing.taxes.tax_ids import is_for
from layers.errors import SetupError

Buyers = Literal["all", "businesses", "consumers"]
Country = Field(pattern=r"^[A-Z]{2}$")


class Strict(BaseModel):
    """What is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rate(Strict):
    """What buyers of a kind pay in a country, or in a state of it."""

    country: str = Country
    state: str | None = None
    buyers: Buyers = "all"
    name: str = Field(min_length=1, max_length=50)
    percentage: Decimal = Field(ge=0, le=100, decimal_places=4)
    tax_type: str = "vat"


class Rates(Strict):
    """The seller's home, its registrations, and where businesses owe the tax themselves."""

    seller: str = Country
    reverse_charge: tuple[str, ...] = ("EU",)
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class TaxId:
    """A tax id of a buyer, and how far Stripe verified it (its ``verification.status``)."""

    type: str
    value: str
    verification: str | None = None


@dataclass(frozen=True)
class Treatment:
    """What a buyer pays: a rate, or none, and whether the buyer owes it itself."""

    rate: Rate | None
    reverse_charge: bool = False


def treatment(rates: Rates, country: str, state: str, tax_ids: Sequence[TaxId]) -> Treatment:
    """Which rate holds for a buyer.

    A number that the register does not know makes nobody a business; one that is not answered for
    yet does, as sellers who act in good faith may take it (Article 138 of Directive 2006/112/EC
    needs the number; the register is asked as soon as it answers).
    """
    business = any(
        is_for(one.type, one.value, country) and one.verification != "unverified" for one in tax_ids
    )
    abroad = country != rates.seller
    where = {country} | ({"EU"} if country in EU else set())
    owes_itself = business and abroad and bool(where & set(rates.reverse_charge))
    kinds: set[Buyers] = {"all", "businesses" if business else "consumers"}
    found = [
        one
        for one in rates.rates
        if one.country == country and one.state in {None, state} and one.buyers in kinds
    ]
    # Of a state rather than of its country, for this kind of buyers rather than for all.
    found.sort(key=lambda one: (one.state is None, one.buyers == "all"))
    return Treatment(found[0] if found else None, owes_itself)


@cache
def rates_in(path: Path) -> Rates:
    """The rates of a file; raises SetupError that names what is wrong."""
    try:
        return Rates.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SetupError(f"TREADLE_TAX_RATES: {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(one) for one in first["loc"])
        raise SetupError(f"TREADLE_TAX_RATES: {path}: {place}: {first['msg']}.") from error
