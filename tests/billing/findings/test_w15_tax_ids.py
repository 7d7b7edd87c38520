"""W15: a tax id could not be removed, stayed after moving, and might be nonsense."""

from __future__ import annotations

from typing import Any

import pytest

from local_emulator.providers.stripe.clocks import tick
from tests.billing.shop import Shop

BERLIN = {"line1": "Hauptstraße 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
PARIS = {"line1": "1 rue de Rivoli", "postal_code": "75001", "city": "Paris", "country": "FR"}


def say(shop: Shop, status: int = 204, **more: Any) -> Any:
    body = {"name": "Ada", "email": "ada@example.com", "address": BERLIN, **more}
    return shop.call("PUT", "/billing/buyer", body, status)


def at_stripe(shop: Shop) -> list[tuple[str, str]]:
    return [(one["type"], one["value"]) for one in shop.stripe.records.all("tax_id")]


def test_a_tax_id_is_removed_where_none_is_given(shop: Shop) -> None:
    say(shop, tax_id="DE123456789", tax_id_type="eu_vat")
    shop.subscribe("pro")
    say(shop, address=PARIS)
    assert at_stripe(shop) == []
    buyer = shop.call("GET", "/billing/buyer")
    assert buyer["tax_ids"] == []
    assert buyer["address"]["country"] == "FR"
    shop.call("POST", "/billing/change", {"plan": "team"})
    newest = max(shop.stripe.records.all("invoice"), key=lambda one: one["number"])
    assert newest["customer_tax_ids"] == []
    assert newest["customer_address"]["country"] == "FR"


def test_another_takes_its_place_and_the_same_stays(shop: Shop) -> None:
    say(shop, tax_id="DE123456789", tax_id_type="eu_vat")
    (first,) = shop.stripe.records.all("tax_id")
    say(shop, tax_id="de 123 456 789", tax_id_type="eu_vat")
    assert [one["id"] for one in shop.stripe.records.all("tax_id")] == [first["id"]]
    say(shop, tax_id="DE000000000", tax_id_type="eu_vat")
    assert at_stripe(shop) == [("eu_vat", "DE000000000")]


@pytest.mark.parametrize(
    ("country", "kind", "value", "pointer"),
    [
        ("DE", "eu_vat", "NONSENSE", "/tax_id"),
        ("", "eu_vat", "NONSENSE", "/tax_id"),
        ("DE", "eu_vat", "DE12345678", "/tax_id"),
        # The number of the country from which somebody moved away.
        ("FR", "eu_vat", "DE123456789", "/tax_id"),
        ("US", "eu_vat", "DE123456789", "/tax_id_type"),
        ("DE", "us_ein", "12-3456789", "/tax_id_type"),
        ("US", "us_ein", "1234", "/tax_id"),
        ("GB", "gb_vat", "GB12", "/tax_id"),
        ("", "xx_vat", "123", "/tax_id_type"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_changes_nothing(
    shop: Shop, country: str, kind: str, value: str, pointer: str
) -> None:
    say(shop, tax_id="DE123456789", tax_id_type="eu_vat")
    address = {**BERLIN, "country": country}
    problem = say(shop, 422, name="Eve", address=address, tax_id=value, tax_id_type=kind)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert at_stripe(shop) == [("eu_vat", "DE123456789")]
    assert shop.call("GET", "/billing/buyer")["name"] == "Ada"


def test_what_the_register_says_is_shown(shop: Shop) -> None:
    for number, status in (
        ("DE000000000", "verified"),
        ("DE111111111", "unverified"),
        ("DE222222222", "pending"),
    ):
        say(shop, tax_id=number, tax_id_type="eu_vat")
        (known,) = shop.call("GET", "/billing/buyer")["tax_ids"]
        assert known["verification"] == "pending"
        tick(shop.stripe)
        (known,) = shop.call("GET", "/billing/buyer")["tax_ids"]
        assert (known["verification"], known["fits_country"]) == (status, True)


def test_a_number_of_another_country_is_pointed_at(shop: Shop) -> None:
    say(shop, tax_id="DE123456789", tax_id_type="eu_vat")
    (customer,) = shop.stripe.records.all("customer")
    customer["address"] = PARIS  # As somebody may do on Stripe's own page.
    (known,) = shop.call("GET", "/billing/buyer")["tax_ids"]
    assert known["fits_country"] is False


def test_before_anything_was_bought_the_buyer_is_who_asks(shop: Shop) -> None:
    buyer = shop.call("GET", "/billing/buyer")
    assert buyer["email"].endswith("@example.com")
    assert (buyer["tax_ids"], buyer["needed"], buyer["tax"]) == ([], [], "off")
    assert shop.stripe.records.all("customer") == []
