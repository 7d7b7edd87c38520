"""What an invoice did with the buyer's balance, with the right sign and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.invoices.document.facts import Move


def moves_of(
    total: int, due: int, credited: int, data: Mapping[str, Any]
) -> list[tuple[Move, int]]:
    """What the balance adds to ``total``, so that with credit notes ``due`` comes out.

    A balance below zero is the buyer's, one above it is owed to the seller
    (https://docs.stripe.com/billing/customer/balance). ``credited`` is what credit notes took off
    before the payment: that is no balance. Where Stripe does not say how the balance stood, it
    follows from the other amounts.
    """
    before, after = data.get("starting_balance"), data.get("ending_balance")
    if before is None or after is None:
        moved = due + credited - total
        word = Move.ADDED if moved > 0 and total < 0 else Move.OWED if moved > 0 else Move.USED
        return [(word, moved)] if moved else []
    moved = before - after
    return [(_word(total, before, moved), moved)] if moved else []


def _word(total: int, before: int, moved: int) -> Move:
    if moved > 0:
        return Move.ADDED if total < 0 else Move.OWED
    # What is too little to collect is owed with the next invoice.
    return Move.CARRIED if before >= 0 and moved == -total else Move.USED
