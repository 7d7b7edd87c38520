"""What a workspace owes as overage in the month of usage that runs, and where that leads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from billing.limits.entitlements import Entitlements
from billing.overage.charges import amount_of
from billing.overage.terms import overage_terms
from billing.usage.periods import Period

SO_FAR = text(
    "SELECT limit_name, unit_amount, quantity FROM overage_totals"
    " WHERE workspace_id = :workspace_id AND month_start = :start"
)


@dataclass(frozen=True)
class Overage:
    """How much of a limit was admitted beyond the plan, and what it costs in minor units."""

    quantity: int = 0
    amount: int = 0

    def forecast(self, held: Entitlements, limit: str, used: int, expected: int) -> int:
        """What it will cost at the end of the month, if so much will be used then."""
        terms = overage_terms(held, limit)
        if terms is None:
            return self.amount
        more = max(0, terms.beyond(expected) - terms.beyond(used))
        return self.amount + amount_of(more, terms.unit_amount)


NONE = Overage()


def overage_so_far(connection: Connection, workspace_id: str, month: Period) -> dict[str, Overage]:
    """By limit, as each line of the invoice is rounded; limits without overage are left out."""
    found: dict[str, Overage] = {}
    for row in connection.execute(SO_FAR, {"workspace_id": workspace_id, "start": month.start}):
        before = found.get(row.limit_name, NONE)
        amount = amount_of(row.quantity, row.unit_amount)
        found[row.limit_name] = Overage(before.quantity + int(row.quantity), before.amount + amount)
    return found
