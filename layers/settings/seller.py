"""Who sells: what stands on invoices of the one who runs this instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.errors import SetupError

if TYPE_CHECKING:
    from pydantic import ValidationError

FILE = "TREADLE_SELLER"
PREFIX = "TREADLE_SELLER_"
FIELDS = {
    "name": "NAME",
    "address": "ADDRESS",
    "country": "COUNTRY",
    "tax_ids": "TAX_IDS",
    "email": "EMAIL",
    "phone": "PHONE",
    "registration": "REGISTRATION",
    "bank": "BANK",
    "footer": "FOOTER",
    "language": "LANGUAGE",
}
"""The variable of each field, after ``TREADLE_SELLER_``."""


@dataclass(frozen=True)
class SellerSettings:
    """The seller; addresses, bank details and the footer are lines of text.

    ``tax_ids`` are pairs of Stripe's type of a tax id and the number, such as
    ``("eu_vat", "DE123456789")`` (https://docs.stripe.com/billing/customer/tax-ids);
    ``language`` is what documents are in where the buyer has chosen none.
    """

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    tax_ids: tuple[tuple[str, str], ...] = ()
    email: str = ""
    phone: str = ""
    registration: str = ""
    bank: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    language: str = "en"

    @property
    def missing(self) -> list[str]:
        """What an invoice may not be without, by field: name, address, country, tax_ids."""
        needed = ("name", "address", "country", "tax_ids")
        return [name for name in needed if not getattr(self, name)]

    def kept(self) -> dict[str, Any]:
        """As it is kept with an invoice, as JSON."""
        return asdict(self)


HINTS = {
    "country": "the two capital letters of ISO 3166, such as DE",
    "tax_ids": 'a type of Stripe\'s and the number, such as "eu_vat DE123456789"',
    "email": "an address such as billing@example.org",
    "language": "one of en, de, fr, es, it, pt, nl, pl, ja, zh",
}


def load_seller(env: Mapping[str, str]) -> SellerSettings:
    """Read the seller; raises SetupError that names the field. Variables go before the file."""
    path = env.get(FILE, "").strip()
    values: dict[str, Any] = _file(Path(path)) if path else {}
    origin = {name: f"{FILE} ({path}): {name}" for name in FIELDS}
    for name, variable in FIELDS.items():
        if text := env.get(PREFIX + variable, "").strip():
            values[name] = _value(name, text)
            origin[name] = PREFIX + variable
    if not values:
        return SellerSettings()
    # Only here: pydantic is large, and most processes have no seller.
    from pydantic import ValidationError

    from layers.settings.seller_shape import SellerShape

    try:
        found = SellerShape.model_validate(values)
    except ValidationError as error:
        raise SetupError(_complaint(error, origin, path)) from error
    return SellerSettings(
        name=found.name,
        address=tuple(found.address),
        country=found.country,
        tax_ids=tuple((one.type, one.value) for one in found.tax_ids),
        email=found.email,
        phone=found.phone,
        registration=found.registration,
        bank=tuple(found.bank),
        footer=tuple(found.footer),
        language=found.language,
    )


def _file(path: Path) -> dict[str, Any]:
    from layers import jsontext

    try:
        found = jsontext.loads(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{FILE}: {path} could not be read: {error}.") from error
    except jsontext.InvalidJson as error:
        raise SetupError(f"{FILE}: {path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise SetupError(f"{FILE}: {path} must hold an object with the seller's fields.")
    return found


def _value(name: str, text: str) -> object:
    if name == "country":
        return text.upper()
    if name in {"address", "bank", "footer"}:
        return [one.strip() for one in text.replace("\n", "|").split("|") if one.strip()]
    if name != "tax_ids":
        return text
    pairs = [one.strip().partition(" ") for one in text.split(",") if one.strip()]
    return [{"type": kind, "value": value.strip()} for kind, _, value in pairs]


def _complaint(error: ValidationError, origin: Mapping[str, str], path: str) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    name = origin.get(place[0], f"{FILE} ({path}): {place[0]}")
    deeper = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in place[1:])
    hint = HINTS.get(place[0])
    wanted = f" It is {hint}." if hint else ""
    if first["type"] == "extra_forbidden":
        wanted = f" The fields are {', '.join(FIELDS)}."
    return f"{name}{deeper} is wrong: {first['msg']}.{wanted}"
