"""What a document says, before any language: pure data, amounts in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which document it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class State(StrEnum):
    """How it stands with what is to be paid."""

    DRAFT = "draft"
    DUE = "due"
    """Open, collected from the buyer's payment method."""
    TO_TRANSFER = "to_transfer"
    """Open, and the buyer sends the money."""
    PAID = "paid"
    SETTLED = "settled"
    """Nothing was to be paid: no amount, or the balance took care of it."""
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    ISSUED = "issued"
    """A credit note that holds."""


class LineNote(StrEnum):
    """What is said below a line, in the document's language."""

    UNUSED = "unused"
    REMAINING = "remaining"
    USAGE = "usage"
    LATE_USAGE = "late_usage"
    TRIAL = "trial"


class Move(StrEnum):
    """What an invoice did with the buyer's balance."""

    USED = "balance_used"
    ADDED = "balance_added"
    OWED = "balance_owed"
    CARRIED = "balance_carried"


@dataclass(frozen=True)
class Party:
    """Who sells or buys. ``country`` is two letters; ``tax_ids`` are pairs of type and number."""

    name: str
    address: Sequence[str] = ()
    country: str = ""
    email: str = ""
    tax_ids: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Line:
    """A line; ``rates`` are the percentages of its taxes, ``unit_amount`` is in minor units."""

    description: str
    quantity: int | None
    unit_amount: str | None
    amount: int
    period: tuple[float, float] | None = None
    rates: Sequence[str] = ()
    note: LineNote | None = None


@dataclass(frozen=True)
class Tax:
    """A tax of the whole; ``net`` is what it was taken of."""

    amount: int
    net: int | None
    percentage: str | None
    name: str | None
    country: str | None
    is_inclusive: bool
    reason: str | None


@dataclass(frozen=True)
class Discount:
    """What was taken off, as a positive amount."""

    name: str | None
    percent_off: str | None
    amount: int


@dataclass(frozen=True)
class Referred:
    """Another document: a credit note's invoice, or an invoice's credit note."""

    number: str
    issued_at: float
    amount: int = 0


@dataclass(frozen=True)
class Paid:
    """A payment that came."""

    moment: float
    amount: int
    brand: str | None = None
    last4: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Related:
    """What else there is to an invoice: its credit notes, the payments that came, and where to
    transfer money to, as pairs of a name, such as ``iban``, and what it is."""

    credit_notes: Sequence[Referred] = ()
    payments: Sequence[Paid] = ()
    transfer: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Document:
    """An invoice, a credit note or a receipt.

    ``moves`` are what the balance adds to the total, of either sign, so that
    ``total + moves - credited == due``; where the money of a credit note goes is ``returned``, by
    ``refunded``, ``to_balance``, ``out_of_band`` and ``pre_payment``.
    """

    kind: Kind
    number: str
    issued_at: float
    currency: str
    language: str
    seller: Party
    buyer: Party
    state: State
    subtotal: int
    total: int
    period: tuple[float, float] | None = None
    lines: Sequence[Line] = ()
    discounts: Sequence[Discount] = ()
    taxes: Sequence[Tax] = ()
    moves: Sequence[tuple[Move, int]] = ()
    credited: int = 0
    due: int = 0
    paid: int = 0
    due_at: float | None = None
    ended_at: float | None = None
    """When it was paid, made void or given up."""
    is_reverse_charge: bool = False
    is_exempt: bool = False
    invoice: Referred | None = None
    related: Related = Related()
    returned: Sequence[tuple[str, int]] = ()
    remark: str = ""
    small_print: Sequence[str] = ()
