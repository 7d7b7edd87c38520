"""Renewals with the jobs that run meanwhile, and what came of it."""

from __future__ import annotations

from typing import Any

from billing.overage.sending import OverageBilling
from tests.billing.shop import Shop

MONTH_S = 28 * 86_400.0
"""From 31 January, 10:00, to 28 February, 10:00."""


def send(shop: Shop) -> int:
    """Let the job run that sends overage."""
    return OverageBilling(shop.parts.accounts).bill()


def renew(shop: Shop, seconds: float = MONTH_S) -> None:
    """Let a period end and its invoice be finalised and paid, with the job running before."""
    send(shop)
    shop.go_on(seconds + 60)
    send(shop)
    shop.go_on(2 * 3600)
    send(shop)
    shop.deliver()


def invoices(shop: Shop) -> list[Any]:
    """All invoices with their lines, the newest first."""
    listed = shop.call("GET", "/billing/invoices")["items"]
    return [shop.call("GET", f"/billing/invoices/{one['id']}") for one in listed]


def newest_total(shop: Shop) -> int:
    """The total of the newest invoice."""
    return int(invoices(shop)[0]["total"])


def overage_lines(shop: Shop, limit: str = "executions") -> list[Any]:
    """All lines of overage on all invoices that are final, the oldest first."""
    return [
        line
        for one in reversed(invoices(shop))
        if one["status"] != "draft"
        for line in one["lines"]
        if line["limit"] == limit
    ]


def billed(shop: Shop, limit: str = "executions") -> int:
    """How much overage is on invoices that are final."""
    return sum(one["quantity"] for one in overage_lines(shop, limit))
