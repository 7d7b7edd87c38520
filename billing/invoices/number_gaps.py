"""Whether the numbers of documents are without gaps, as the law wants them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, text

SERIES = re.compile(r"^(?P<name>.*?)(?P<number>\d+)$", re.DOTALL)
INVOICES = text("SELECT number FROM invoices WHERE number IS NOT NULL AND status <> 'draft'")
CREDIT_NOTES = text("SELECT number FROM credit_notes")


@dataclass(frozen=True)
class Series:
    """One series of numbers, by what comes before them: ``TRDL-`` of ``TRDL-0042``.

    Stripe numbers invoices by customer, or across the account where that is switched on, and
    credit notes by their invoice: each is a series of its own.
    """

    name: str
    first: int
    last: int
    count: int
    missing: Sequence[int]
    doubled: Sequence[int]

    @property
    def is_whole(self) -> bool:
        """Whether none is missing, and none is there twice."""
        return not self.missing and not self.doubled


def stored_series(connection: Connection) -> list[Series]:
    """The series of all stored invoices and credit notes, those that were made void included."""
    numbers = [
        *connection.execute(INVOICES).scalars(),
        *connection.execute(CREDIT_NOTES).scalars(),
    ]
    return series_of(numbers)


def series_of(numbers: Iterable[str]) -> list[Series]:
    """The series that numbers belong to, each from its first to its last."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in numbers:
        if parts := SERIES.match(one):
            found[parts["name"]].append(int(parts["number"]))
    return [_series(name, sorted(values)) for name, values in sorted(found.items())]


def _series(name: str, values: list[int]) -> Series:
    there = set(values)
    return Series(
        name=name,
        first=values[0],
        last=values[-1],
        count=len(values),
        missing=[one for one in range(values[0], values[-1]) if one not in there],
        doubled=sorted({one for one, following in pairwise(values) if one == following}),
    )
