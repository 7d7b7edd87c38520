"""Numbers without gaps."""

from __future__ import annotations

from sqlalchemy import text

from billing.invoices.number_gaps import series_of, stored_series
from tests.billing.shop import Shop
from tests.billing.test_commands import treadle

DAY = 86_400.0


def test_gaps_and_doubles_are_found_by_series() -> None:
    first, notes, second = series_of(
        ["A-0001", "A-0002", "A-0004", "A-0004-CN-01", "B-7", "B-8", "B-8", "no number"]
    )
    assert (first.name, first.missing, first.doubled) == ("A-", [3], [])
    assert (notes.name, notes.is_whole) == ("A-0004-CN-", True)
    assert (second.name, second.missing, second.doubled) == ("B-", [], [8])


def test_voided_and_negative_invoices_leave_no_gap(shop: Shop) -> None:
    shop.subscribe("team")
    shop.go_on(1)
    shop.call("POST", "/billing/change", {"plan": "pro", "interval": "month"})
    shop.go_on(29 * DAY)
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(31 * DAY)
    shop.call("POST", "/billing/refresh", {}, status=204)
    with shop.parts.database.reading() as connection:
        (found,) = stored_series(connection)
    assert found.is_whole
    assert found.first == 1
    assert found.count == len(shop.call("GET", "/billing/invoices")["items"]) >= 4


def test_the_command_tells_of_a_gap(shop: Shop) -> None:
    shop.subscribe("pro")
    done = treadle(shop, "check-numbers")
    assert done.stdout == "1 numbers in 1 series: none is missing.\n"
    shop.go_on(29 * DAY)
    newest = shop.call("GET", "/billing/invoices")["items"][0]
    later = newest["number"].removesuffix("2") + "3"
    with shop.parts.database.writing() as connection:
        values = {"number": later, "id": newest["id"]}
        connection.execute(text("UPDATE invoices SET number = :number WHERE id = :id"), values)
    done = treadle(shop, "check-numbers")
    assert done.returncode == 1
    assert "missing 2" in done.stdout
