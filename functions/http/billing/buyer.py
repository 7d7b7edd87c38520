"""Whom invoices name: name, address, tax id and how far it is verified."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from billing.taxes.buyers import Buyer, Buyers, KnownBuyer
from billing.taxes.countries import WITH_POSTAL_CODE
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE, person_of, put_on_record
from functions.http.endpoint import group
from functions.http.shapes import In, Out
from layers.identity import Caller, Permission
from layers.settings.tax import TaxMode

router = group("billing", "/billing")

Text = Annotated[str, Field(max_length=200)]


class AddressIn(In):
    """Where the buyer is."""

    line1: Text = ""
    line2: Text = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    city: Text = ""
    state: Text = ""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$", description="ISO 3166-1, as DE.")


class BuyerIn(In):
    """Whom invoices name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)]
    address: AddressIn = AddressIn()
    tax_id: Annotated[str, Field(max_length=40)] = Field(
        default="", description="Empty takes away the one that there is."
    )
    tax_id_type: str = Field(
        default="",
        pattern=r"^([a-z]{2}_[a-z0-9_]{2,20})?$",
        description="As Stripe names it, such as eu_vat; it must be one of the country.",
    )
    language: Literal["", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "zh"] | None = (
        Field(
            default=None,
            description="What the next documents are in; empty for the seller's own. "
            "Without it the language stays as it is.",
        )
    )


class AddressOut(Out):
    """Where the buyer is; empty where that is not known."""

    line1: str
    line2: str
    postal_code: str
    city: str
    state: str
    country: str


class TaxIdOut(Out):
    """A tax id and what its register says of it."""

    type: str
    value: str
    verification: str | None = Field(
        description="pending, verified, unverified or unavailable, as Stripe says."
    )
    verified_name: str | None = Field(description="As the register has it.")
    fits_country: bool = Field(description="Whether it is one of the address's country.")


class BuyerOut(Out):
    """Whom the next invoice names."""

    name: str
    email: str
    address: AddressOut
    tax_ids: list[TaxIdOut]
    language: str | None = Field(description="What documents are in; null: the seller's own.")
    tax_exempt: Literal["none", "exempt", "reverse"] = Field(
        description="`reverse`: the buyer owes the tax itself (reverse charge)."
    )
    tax: TaxMode = Field(description="Who computes tax on this instance.")
    needed: list[str] = Field(
        description="What is missing for tax, as pointers: nothing can be bought without it."
    )


@router.get("/buyer", responses=STATE)
def read_buyer(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> BuyerOut:
    """Read whom the next invoice names, and how far its tax id is verified."""
    parts = parts_of(request)
    account = parts.accounts.read(caller.workspace_id)
    person = person_of(parts, caller)
    known = KnownBuyer(person.workspace_name, person.email, {})
    if account.customer_id is not None and account.livemode == parts.accounts.gateway.livemode:
        known = Buyers(parts.accounts).read(account.customer_id)
    names = AddressOut.model_fields
    address = AddressOut(**{name: known.address.get(name) or "" for name in names})
    mode = parts.settings.billing.tax.mode
    return BuyerOut(
        name=known.name or person.workspace_name,
        email=known.email or person.email,
        address=address,
        tax_ids=[TaxIdOut.model_validate(one) for one in known.tax_ids],
        language=known.language,
        tax_exempt=known.tax_exempt,
        tax=mode,
        needed=_needed(mode, address),
    )


@router.put("/buyer", status_code=204, responses=STATE)
def update_buyer(
    body: BuyerIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> None:
    """Say whom the next invoices name; those that are issued stay as they are.

    It replaces what there is: without a tax id the buyer has none any more.
    """
    parts = parts_of(request)
    customer_id = parts.accounts.customer(person_of(parts, caller))
    buyer = Buyer(
        name=body.name,
        email=body.email,
        address=body.address.model_dump(),
        tax_id=body.tax_id,
        tax_id_type=body.tax_id_type,
        language=body.language,
    )
    Buyers(parts.accounts).update(caller.workspace_id, customer_id, buyer)
    put_on_record(parts, caller, "billing.buyer_changed", body.model_dump())


def _needed(mode: TaxMode, address: AddressOut) -> list[str]:
    if mode is not TaxMode.RATES:
        return []
    if not address.country:
        return ["/address/country"]
    if address.country in WITH_POSTAL_CODE and not address.postal_code:
        return ["/address/postal_code"]
    return []
