"""Tax by hand: Stripe Tax for buyers here and there, and rates that somebody sets."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.tax_ids import verify
from tests.stripe_emulator.shop import Shop

DE = {"country": "DE", "postal_code": "10115"}
FR = {"country": "FR"}
US = {"country": "US", "state": "CA", "postal_code": "94103"}


@pytest.fixture
def seller(client: stripe.StripeClient) -> stripe.StripeClient:
    """Stripe Tax for a seller in Germany who sells to consumers in the EU by its one stop shop."""
    office: Any = {"head_office": {"address": {"country": "DE"}}}
    client.v1.tax.settings.update({**office, "defaults": {"tax_behavior": "exclusive"}})
    register(client, "DE", "standard")
    register(client, "DE", "oss_union")
    return client


def register(client: stripe.StripeClient, country: str, kind: str, **more: Any) -> None:
    options = {country.lower(): {"type": kind, **more}}
    wish: Any = {"country": country, "country_options": options, "active_from": "now"}
    client.v1.tax.registrations.create(wish)


def bought(
    client: stripe.StripeClient,
    address: Any,
    tax_id: tuple[str, str] | None = None,
    currency: str = "eur",
    inclusive: bool = False,
    amount: int = 1900,
) -> Any:
    """The first invoice of a monthly subscription with automatic tax."""
    shop = Shop(client, currency=currency)
    client.v1.customers.update(shop.customer.id, {"address": address})
    if tax_id is not None:
        wish: Any = {"type": tax_id[0], "value": tax_id[1]}
        client.v1.customers.tax_ids.create(shop.customer.id, wish)
    price: Any = {
        "product": shop.product.id,
        "currency": currency,
        "unit_amount": amount,
        "recurring": {"interval": "month"},
        "tax_behavior": "inclusive" if inclusive else "exclusive",
    }
    shop.subscribe(client.v1.prices.create(price), automatic_tax={"enabled": True})
    return client.v1.invoices.list({"customer": shop.customer.id}).data[0]


@pytest.mark.parametrize(
    ("address", "tax_id", "total", "tax", "reason"),
    [
        # A consumer in Germany: 19.00 + 19 % = 3.61.
        (DE, None, 2261, 361, "standard_rated"),
        # A business in Germany: the same, for it is no sale abroad.
        (DE, ("eu_vat", "DE123456789"), 2261, 361, "standard_rated"),
        # A consumer in France pays France's 20 % = 3.80, a business there owes it itself.
        (FR, None, 2280, 380, "standard_rated"),
        (FR, ("eu_vat", "FRAB123456789"), 1900, 0, "reverse_charge"),
        # A German number of somebody in France does not make it a business there.
        (FR, ("eu_vat", "DE123456789"), 2280, 380, "standard_rated"),
        # No registration there: nothing is collected.
        (US, None, 1900, 0, "not_collecting"),
        ({"country": "CH"}, None, 1900, 0, "not_collecting"),
    ],
)
def test_who_pays_which_tax(
    seller: stripe.StripeClient, address: Any, tax_id: Any, total: int, tax: int, reason: str
) -> None:
    invoice = bought(seller, address, tax_id)
    (told,) = invoice.total_taxes
    assert (invoice.subtotal, invoice.total, invoice.total_excluding_tax) == (1900, total, 1900)
    assert (told.amount, told.taxability_reason, told.tax_behavior) == (tax, reason, "exclusive")
    assert invoice.amount_paid == total
    assert invoice.automatic_tax.status == "complete"
    assert invoice.lines.data[0].taxes[0].amount == tax
    rate = seller.v1.tax_rates.retrieve(told.tax_rate_details.tax_rate)
    assert rate.percentage == round(100 * tax / 1900)


def test_a_registered_state_and_a_country_that_is_no_member(seller: stripe.StripeClient) -> None:
    register(seller, "US", "state_sales_tax", state="NY")
    register(seller, "CH", "standard")
    # 20.00 + 4 % = 0.80; 20.00 + 8.1 % = 1.62.
    address = {"country": "US", "state": "NY", "postal_code": "10001"}
    assert bought(seller, address, currency="usd", amount=2000).total == 2080
    assert bought(seller, {"country": "CH"}, amount=2000).total == 2162


def test_tax_within_the_price(seller: stripe.StripeClient) -> None:
    register(seller, "JP", "standard")
    invoice = bought(seller, {"country": "JP"}, currency="jpy", inclusive=True, amount=3000)
    # 3000 yen hold 3000 * 10 / 110 = 273 (272.72) of tax.
    assert (invoice.total, invoice.subtotal) == (3000, 3000)
    assert (invoice.total_excluding_tax, invoice.subtotal_excluding_tax) == (2727, 2727)
    assert invoice.total_taxes[0].amount == 273


def test_a_small_seller_charges_at_home_rates(client: stripe.StripeClient) -> None:
    office: Any = {"head_office": {"address": {"country": "DE"}}}
    client.v1.tax.settings.update(office)
    scheme = {"place_of_supply_scheme": "small_seller"}
    register(client, "DE", "standard", standard=scheme)
    assert bought(client, FR).total == 2261


def test_without_a_head_office_or_an_address_there_is_no_automatic_tax(
    client: stripe.StripeClient,
) -> None:
    shop = Shop(client)
    with pytest.raises(stripe.InvalidRequestError, match="head office"):
        shop.subscribe(shop.pro, automatic_tax={"enabled": True})
    office: Any = {"head_office": {"address": {"country": "DE"}}}
    client.v1.tax.settings.update({**office, "defaults": {"tax_behavior": "exclusive"}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.subscribe(shop.pro, automatic_tax={"enabled": True})
    assert refused.value.code == "customer_tax_location_invalid"


def test_items_below_zero_come_onto_no_invoice_with_automatic_tax(
    seller: stripe.StripeClient,
) -> None:
    shop = Shop(seller)
    seller.v1.customers.update(shop.customer.id, {"address": DE})
    shop.subscribe(shop.pro, automatic_tax={"enabled": True})
    wish: Any = {"customer": shop.customer.id, "amount": -400, "currency": "eur"}
    item = seller.v1.invoice_items.create(wish)
    draft: Any = {"customer": shop.customer.id, "automatic_tax": {"enabled": True}}
    with pytest.raises(stripe.InvalidRequestError, match="negative amounts"):
        seller.v1.invoices.create({**draft, "pending_invoice_items_behavior": "include"})
    shop.advance("2026-02-15T02:00:00")
    assert shop.totals()[-1] == shop.totals()[0]
    assert seller.v1.invoice_items.retrieve(item.id).invoice is None
    # What is taken off an item is no item of its own.
    once: Any = {"amount_off": 400, "currency": "eur", "max_redemptions": 1}
    off = {"coupon": seller.v1.coupons.create(once).id}
    owed: Any = {**wish, "amount": 1000, "discounts": [off]}
    seller.v1.invoice_items.delete(item.id)
    seller.v1.invoice_items.create(owed)
    made = seller.v1.invoices.create({**draft, "pending_invoice_items_behavior": "include"})
    # 19 % of 6.00 are 1.14.
    assert (made.subtotal, made.total) == (1000, 714)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        seller.v1.invoice_items.create(owed)


def test_a_customer_can_be_exempt_or_owe_it_itself(seller: stripe.StripeClient) -> None:
    for exempt, reason in (("exempt", "customer_exempt"), ("reverse", "reverse_charge")):
        shop = Shop(seller)
        seller.v1.customers.update(shop.customer.id, {"address": DE, "tax_exempt": exempt})
        shop.subscribe(shop.pro, automatic_tax={"enabled": True})
        (invoice,) = seller.v1.invoices.list({"customer": shop.customer.id}).data
        assert invoice.total == 2000
        assert invoice.total_taxes[0].taxability_reason == reason


def rate(client: stripe.StripeClient | Shop, percentage: float, **more: Any) -> str:
    wish: Any = {"display_name": "VAT", "percentage": percentage, "inclusive": False, **more}
    return client.v1.tax_rates.create(wish).id


def test_rates_by_hand_hold_for_changes_items_and_renewals(client: stripe.StripeClient) -> None:
    shop = Shop(client)
    nineteen = rate(client, 19)
    subscription = shop.subscribe(shop.pro, default_tax_rates=[nineteen])
    assert shop.totals() == [2380]
    shop.advance("2026-01-30T12:00:00")
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    # Half of it is left: -10.00 - 1.90 and 25.00 + 4.75.
    assert shop.totals() == [2380, -1190 + 2975]
    item: Any = {"customer": shop.customer.id, "amount": 333, "currency": "eur"}
    client.v1.invoice_items.create({**item, "tax_rates": [rate(client, 7)]})
    client.v1.invoice_items.create(item)
    shop.advance("2026-02-15T02:00:00")
    # 50.00 + 9.50; 3.33 + 7 % = 0.23; 3.33 + 19 % = 0.63.
    assert shop.totals()[-1] == 5950 + 356 + 396


def test_two_rates_within_a_price_are_taken_out_of_it_together(client: stripe.StripeClient) -> None:
    shop = Shop(client)
    rates = [rate(client, 5, inclusive=True), rate(client, 10, inclusive=True)]
    shop.subscribe(shop.pro, default_tax_rates=rates)
    (invoice,) = client.v1.invoices.list({"customer": shop.customer.id}).data
    # 20.00 * 5 / 115 = 0.87 and 20.00 * 10 / 115 = 1.74.
    assert [one.amount for one in invoice.total_taxes or ()] == [87, 174]
    assert (invoice.total, invoice.total_excluding_tax) == (2000, 1739)


def test_who_has_moved_pays_another_tax_from_the_next_invoice_on(
    seller: stripe.StripeClient,
) -> None:
    shop = Shop(seller)
    seller.v1.customers.update(shop.customer.id, {"address": DE})
    shop.subscribe(shop.pro, automatic_tax={"enabled": True})
    seller.v1.customers.update(shop.customer.id, {"address": FR})
    shop.advance("2026-02-15T02:00:00")
    assert shop.totals() == [2380, 2400]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("eu_vat", "NONSENSE"),
        ("eu_vat", "DE12345678"),
        ("eu_vat", "XX123456789"),
        ("gb_vat", "DE123456789"),
        ("us_ein", "1234"),
    ],
)
def test_a_tax_id_of_a_wrong_form_is_refused(
    client: stripe.StripeClient, kind: Any, value: str
) -> None:
    customer = client.v1.customers.create({"email": "ada@example.com"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.tax_ids.create(customer.id, {"type": kind, "value": value})
    assert refused.value.code == "tax_id_invalid"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("DE000000000", "verified"),
        ("DE111111111", "unverified"),
        ("DE222222222", "pending"),
        ("DE123456789", "unavailable"),
    ],
)
def test_a_tax_id_is_verified_later(
    client: stripe.StripeClient, emulator: StripeEmulator, value: str, status: str
) -> None:
    customer = client.v1.customers.create({"email": "ada@example.com"})
    made = client.v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": value})
    assert made.verification is not None
    assert made.verification.status == "pending"
    verify(emulator)
    found = client.v1.customers.tax_ids.list(customer.id).data[0]
    assert found.verification is not None
    assert found.verification.status == status
    told = [one.type for one in client.v1.events.list({"limit": 100}).data]
    assert ("customer.tax_id.updated" in told) is (status != "pending")
    client.v1.customers.tax_ids.delete(customer.id, made.id)
    assert client.v1.customers.tax_ids.list(customer.id).data == []


def test_an_invoice_of_its_own_inherits_no_tax_and_can_be_given_some(
    client: stripe.StripeClient,
) -> None:
    shop = Shop(client)
    shop.subscribe(shop.pro, default_tax_rates=[rate(client, 19)])
    for rates, total in (([], 1000), ([rate(client, 7)], 1070)):
        item: Any = {"customer": shop.customer.id, "amount": 1000, "currency": "eur"}
        client.v1.invoice_items.create(item)
        wish: Any = {"customer": shop.customer.id, "pending_invoice_items_behavior": "include"}
        made = client.v1.invoices.create({**wish, "default_tax_rates": rates} if rates else wish)
        assert made.total == total
