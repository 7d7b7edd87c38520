"""What an invoice's document says, as data: the app shows no other sums than the PDF."""

from __future__ import annotations

from pydantic import Field

from billing.invoices.document.facts import Document, Move, State, Tax
from functions.http.shapes import Moment, Out, moment


class InvoiceParty(Out):
    """Who sells or buys; `address` is lines, `country` two letters."""

    name: str
    address: list[str]
    country: str
    email: str
    tax_ids: list[str]


class InvoiceTax(Out):
    """A tax; `net` is what it was taken of, `percentage` such as `19`."""

    name: str | None
    percentage: str | None
    net: int | None
    amount: int
    is_inclusive: bool

    @classmethod
    def of(cls, tax: Tax) -> InvoiceTax:
        """A tax of a document."""
        return cls(
            name=tax.name,
            percentage=tax.percentage,
            net=tax.net,
            amount=tax.amount,
            is_inclusive=tax.is_inclusive,
        )


class InvoiceDiscount(Out):
    """What was taken off, as a positive amount."""

    name: str | None
    percent_off: str | None
    amount: int


class BalanceMove(Out):
    """What the balance adds to the total; below zero it pays a part of it."""

    kind: Move
    amount: int


class InvoiceFacts(Out):
    """What is on the document, from the subtotal to what is still to be paid.

    Discounts are taken off the subtotal and taxes that are not inclusive are added: that is the
    total. With the balance's moves, less `credited` and `paid`, it is `remaining`.
    """

    state: State
    issued_at: Moment
    due_at: Moment | None
    ended_at: Moment | None = Field(description="When it was paid, made void or given up.")
    language: str
    seller: InvoiceParty
    buyer: InvoiceParty
    subtotal: int
    discounts: list[InvoiceDiscount]
    net: int = Field(description="The total without the taxes that are added to it.")
    taxes: list[InvoiceTax]
    total: int
    balance: list[BalanceMove]
    credited: int = Field(description="What credit notes took off before it was paid.")
    paid: int
    remaining: int
    is_reverse_charge: bool

    @classmethod
    def of(cls, found: Document) -> InvoiceFacts:
        """What a document says."""
        added = sum(one.amount for one in found.taxes if not one.is_inclusive)
        is_over = found.state is State.VOID
        return cls(
            state=found.state,
            issued_at=moment(found.issued_at),
            due_at=None if found.due_at is None else moment(found.due_at),
            ended_at=None if found.ended_at is None else moment(found.ended_at),
            language=found.language,
            seller=_party(found, is_seller=True),
            buyer=_party(found, is_seller=False),
            subtotal=found.subtotal,
            discounts=[
                InvoiceDiscount(name=one.name, percent_off=one.percent_off, amount=one.amount)
                for one in found.discounts
            ],
            net=found.total - added,
            taxes=[InvoiceTax.of(one) for one in found.taxes],
            total=found.total,
            balance=[BalanceMove(kind=kind, amount=amount) for kind, amount in found.moves],
            credited=found.credited,
            paid=found.paid,
            remaining=0 if is_over else max(0, found.due - found.paid),
            is_reverse_charge=found.is_reverse_charge,
        )


def _party(found: Document, *, is_seller: bool) -> InvoiceParty:
    party = found.seller if is_seller else found.buyer
    return InvoiceParty(
        name=party.name,
        address=list(party.address),
        country=party.country,
        email=party.email,
        tax_ids=[value for _, value in party.tax_ids],
    )
