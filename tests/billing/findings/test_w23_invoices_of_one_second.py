"""W23: invoices of the same second came in the order of their ids, which are random."""

from __future__ import annotations

from tests.billing.shop import Shop


def test_w23_invoices_of_one_second_are_listed_by_number(shop: Shop) -> None:
    shop.subscribe("pro")
    for seats in range(2, 8):
        shop.call("POST", "/billing/change", {"plan": "pro", "seats": seats})
    listed = shop.call("GET", "/billing/invoices")["items"]
    assert len({one["created_at"] for one in listed}) == 1
    numbers = [one["number"] for one in listed]
    assert len(numbers) == 7
    assert numbers == sorted(numbers, reverse=True), "the newest first"
    found = shop.call("GET", "/instance/invoices")["items"]
    assert [one["number"] for one in found] == numbers


def test_w23_a_number_with_one_more_digit_comes_later(shop: Shop) -> None:
    shop.subscribe("pro")
    for seats in (2, 3):
        shop.call("POST", "/billing/change", {"plan": "pro", "seats": seats})
    first, second, third = reversed(shop.call("GET", "/billing/invoices")["items"])
    wanted = {first["id"]: "T-9998", second["id"]: "T-9999", third["id"]: "T-10000"}
    for one in shop.stripe.records.all("invoice"):
        one["number"] = wanted[one["id"]]
    shop.parts.accounts.refresh(shop.person.workspace_id)
    listed = shop.call("GET", "/billing/invoices")["items"]
    assert [one["number"] for one in listed] == ["T-10000", "T-9999", "T-9998"]
