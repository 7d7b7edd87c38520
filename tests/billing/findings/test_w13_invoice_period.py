"""W13: the period of an invoice is that of the seats it pays for, as the calendar has it."""

from __future__ import annotations

from typing import Any

from billing.invoices.kept_lines import supply_period
from tests.billing.shop import Shop

DAY = 86_400.0


def test_a_renewal_on_the_28th_of_february_is_for_the_month_to_the_31st_of_march(
    shop: Shop,
) -> None:
    shop.subscribe("pro")  # On 31 January at 10:00.
    shop.go_on(29 * DAY)
    renewal, first = shop.call("GET", "/billing/invoices")["items"]
    assert first["period_start"][:10] == "2026-01-31"
    assert first["period_end"][:10] == "2026-02-28"
    assert renewal["period_start"][:10] == "2026-02-28"
    assert renewal["period_end"][:10] == "2026-03-31"


def test_stripes_own_period_looks_back_and_is_not_ours() -> None:
    """As live Stripe has it: the period of a first invoice is empty, of a later one the last."""
    invoice = {**_invoice(), "period_start": 100, "period_end": 200}
    assert supply_period(invoice) == (200, 300)


def test_a_change_is_for_what_is_left_of_the_period() -> None:
    invoice = _invoice()
    for line in invoice["lines"]["data"]:
        line["parent"]["subscription_item_details"]["proration"] = True
        line["period"] = {"start": 250, "end": 300}
    assert supply_period(invoice) == (250, 300)


def test_usage_alone_is_for_when_it_was_used() -> None:
    invoice = _invoice()
    del invoice["lines"]["data"][0]
    assert supply_period(invoice) == (100, 200)


def test_an_invoice_without_lines_is_for_the_moment_it_was_made() -> None:
    assert supply_period({"created": 7, "lines": {"data": []}}) == (7, 7)


def _invoice() -> dict[str, Any]:
    return {
        "created": 200,
        "lines": {
            "data": [
                _line("treadle_pro", 200, 300),
                _line("treadle_pro_executions", 100, 200),
            ]
        },
    }


def _line(product: str, start: int, end: int) -> dict[str, Any]:
    return {
        "parent": {"subscription_item_details": {"proration": False}},
        "period": {"start": start, "end": end},
        "pricing": {"price_details": {"price": "price_1", "product": product}},
    }
