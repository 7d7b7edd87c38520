"""Tax through checkout, changes and renewals, by sums by hand: with Stripe Tax and with rates."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from billing.taxes.rates import Rates, TaxId, rates_in, treatment
from layers.errors import SetupError
from layers.settings import BillingSettings
from layers.settings.tax import TaxMode, TaxSettings, load_tax
from tests.billing.findings.bills import renew
from tests.billing.shop import Shop
from tests.billing.test_credits import buy, credit_of, owe
from tests.waiting import PATIENCE_S

HALF_S = 14 * 86_400
"""Half of the period from 31 January to 28 February."""
RATES = {
    "seller": "DE",
    "reverse_charge": ["EU"],
    "rates": [
        {"country": "DE", "name": "MwSt.", "percentage": "19"},
        {"country": "FR", "name": "TVA", "percentage": "20", "buyers": "consumers"},
        {"country": "JP", "name": "JCT", "percentage": "10", "tax_type": "jct"},
        {
            "country": "US",
            "state": "NY",
            "name": "Sales tax",
            "percentage": "4",
            "tax_type": "sales_tax",
        },
    ],
}
BUYERS: dict[str, tuple[dict[str, str], str]] = {
    "a consumer in Germany": ({"country": "DE"}, ""),
    "a business in Germany": ({"country": "DE"}, "DE123456789"),
    "a business in France": ({"country": "FR"}, "FRAB123456789"),
    "a consumer in France": ({"country": "FR"}, ""),
    "somebody in California": ({"country": "US", "state": "CA", "postal_code": "94103"}, ""),
    "somebody in New York": ({"country": "US", "state": "NY", "postal_code": "10001"}, ""),
    "somebody in Switzerland": ({"country": "CH"}, ""),
}


@pytest.fixture
def rates_file(tmp_path: Path) -> Path:
    path = tmp_path / "rates.json"
    path.write_text(json.dumps(RATES))
    return path


@pytest.fixture(params=["stripe", "rates"])
def tax(request: pytest.FixtureRequest, rates_file: Path) -> TaxSettings:
    """Both ways have the same registrations."""
    mode = TaxMode(request.param)
    return TaxSettings(mode, rates_file if mode is TaxMode.RATES else None)


@pytest.fixture
def plans_file(plans_file: Path) -> Path:
    """Yen hold their tax within."""
    plans: list[dict[str, Any]] = json.loads(plans_file.read_text())
    for plan in plans:
        plan["tax_behavior"] = {"jpy": "inclusive"}
    plans_file.write_text(json.dumps(plans))
    return plans_file


@pytest.fixture
def billing(billing: BillingSettings, tax: TaxSettings) -> BillingSettings:
    return replace(billing, tax=tax)


@pytest.fixture
def seller(shop: Shop) -> Shop:
    """Registered in Germany, for consumers in the EU, in Japan and in New York."""
    ask(shop, "tax/settings", {"head_office[address][country]": "DE"})
    register(shop, "DE", "standard")
    register(shop, "DE", "oss_union")
    register(shop, "JP", "standard")
    register(shop, "US", "state_sales_tax", state="NY")
    return shop


def ask(shop: Shop, path: str, form: dict[str, str]) -> None:
    key = (shop.stripe.api_key, "")
    url = f"{shop.stripe.url}/v1/{path}"
    requests.post(url, data=form, auth=key, timeout=PATIENCE_S).raise_for_status()


def register(shop: Shop, country: str, kind: str, **more: str) -> None:
    options = {"type": kind, **more}
    form = {f"country_options[{country.lower()}][{k}]": v for k, v in options.items()}
    ask(shop, "tax/registrations", {"country": country, "active_from": "now", **form})


def be(shop: Shop, who: str) -> None:
    address, tax_id = BUYERS[who]
    body = {"name": who, "email": "ada@example.com", "address": address, "tax_id": tax_id}
    body["tax_id_type"] = "eu_vat" if tax_id else ""
    shop.call("PUT", "/billing/buyer", body, 204)


def newest(shop: Shop) -> Any:
    shop.deliver()
    (first, *_others) = shop.call("GET", "/billing/invoices")["items"]
    return shop.call("GET", f"/billing/invoices/{first['id']}")


@pytest.mark.parametrize(
    ("who", "first", "changed"),
    # Pro is 19.00 euros, Team 76.00: with half a month left -9.50 + 38.00 = 28.50.
    [
        # 19 %: 3.61; line by line -1.81 (1.805) + 7.22.
        ("a consumer in Germany", 361, -181 + 722),
        ("a business in Germany", 361, -181 + 722),
        ("a consumer in France", 380, -190 + 760),
        ("a business in France", 0, 0),
        ("somebody in California", 0, 0),
        # 4 %: 0.76; -0.38 + 1.52.
        ("somebody in New York", 76, -38 + 152),
        ("somebody in Switzerland", 0, 0),
    ],
)
def test_checkout_preview_change_and_renewal(
    seller: Shop, who: str, first: int, changed: int
) -> None:
    be(seller, who)
    seller.subscribe("pro", currency="eur")
    invoice = newest(seller)
    assert (invoice["subtotal"], invoice["tax"], invoice["total"]) == (1900, first, 1900 + first)
    seller.go_on(HALF_S)
    wish = {"plan": "team", "interval": "month"}
    preview = seller.call("POST", "/billing/change", {**wish, "preview": True})
    assert preview["subtotal"] == 2850
    assert sum(one["amount"] for one in preview["taxes"]) == changed
    assert (preview["total"], preview["amount_due"]) == (2850 + changed, 2850 + changed)
    agreed = {**wish, "proration_date": preview["proration_date"]}
    seller.call("POST", "/billing/change", agreed)
    invoice = newest(seller)
    assert (invoice["total"], invoice["tax"], invoice["amount_paid"]) == (
        2850 + changed,
        changed,
        2850 + changed,
    )
    seller.go_on(HALF_S + 7200)
    invoice = newest(seller)
    assert (invoice["subtotal"], invoice["total"]) == (7600, 7600 + 4 * first)


def test_a_business_abroad_owes_it_itself(seller: Shop) -> None:
    be(seller, "a business in France")
    seller.subscribe("pro", currency="eur")
    (kept,) = seller.stripe.records.all("invoice")
    stripe_says = kept["customer_tax_exempt"] == "reverse" or (
        kept["total_taxes"][0]["taxability_reason"] == "reverse_charge"
    )
    assert stripe_says
    assert kept["total"] == 1900


def test_yen_hold_their_tax_within(seller: Shop) -> None:
    address = {"name": "A", "email": "a@example.com", "address": {"country": "JP"}}
    seller.call("PUT", "/billing/buyer", address, 204)
    seller.subscribe("pro", currency="jpy")
    invoice = newest(seller)
    # 3000 * 10 / 110 = 272.72.
    assert (invoice["total"], invoice["tax"]) == (3000, 273)


def test_who_moves_pays_the_new_tax_from_the_next_invoice_on(seller: Shop) -> None:
    be(seller, "a consumer in Germany")
    seller.subscribe("pro", currency="eur")
    be(seller, "a consumer in France")
    seller.go_on(2 * HALF_S + 7200)
    assert newest(seller)["total"] == 1900 + 380
    be(seller, "a business in France")
    seller.go_on(31 * 86_400)
    assert newest(seller)["total"] == 1900


def test_without_an_address_rates_ask_for_it_and_stripes_page_does(
    seller: Shop, tax: TaxSettings
) -> None:
    wish = {"plan": "pro", "interval": "month", "currency": "eur"}
    if tax.mode is TaxMode.RATES:
        problem = seller.call("POST", "/billing/checkout", wish, 422)
        (error,) = problem["errors"]
        assert error["pointer"] == "/buyer/address/country"
        assert "PUT /billing/buyer" in error["message"]
        assert seller.call("GET", "/billing/buyer")["needed"] == ["/address/country"]
        return
    session = seller.call("POST", "/billing/checkout", wish)
    pay = {"card": "pm_card_visa", "allow_redirects": "no"}
    refused = requests.post(session["url"], data=pay, timeout=PATIENCE_S)
    assert "billing address" in refused.text
    form = {**pay, "country": "FR", "tax_id_type": "eu_vat", "tax_id": "FRAB123456789"}
    paid = requests.post(session["url"], data=form, allow_redirects=False, timeout=PATIENCE_S)
    assert paid.status_code == 303
    seller.deliver()
    assert newest(seller)["total"] == 1900
    assert seller.call("GET", "/billing/buyer")["tax_ids"][0]["value"] == "FRAB123456789"


def test_a_rate_is_made_once(seller: Shop, tax: TaxSettings) -> None:
    be(seller, "a consumer in Germany")
    seller.subscribe("pro", currency="eur")
    be(seller, "a business in Germany")
    seller.call("POST", "/billing/change", {"plan": "team"})
    made = [one for one in seller.stripe.records.all("tax_rate") if one["metadata"]]
    assert len(made) == (1 if tax.mode is TaxMode.RATES else 0)


def test_credits_are_taxed_when_bought_and_what_they_pay_is_not_taxed_again(seller: Shop) -> None:
    be(seller, "a consumer in Germany")
    seller.subscribe("pro")
    buy(seller, 400)
    bought = newest(seller)
    # 19 % of 4.00 are 0.76.
    assert (bought["subtotal"], bought["tax"], bought["amount_paid"]) == (400, 76, 476)
    assert credit_of(seller)["balance"] == 400
    owe(seller, 1000)
    renew(seller)
    invoice = newest(seller)
    assert credit_of(seller)["balance"] == 0
    (line,) = [one for one in invoice["lines"] if one["limit"] == "executions"]
    assert (line["quantity"], line["amount"]) == (5000, 1000)
    assert [(one["name"], one["amount"]) for one in invoice["discounts"]] == [
        ("Prepaid credits", 400)
    ]
    # Pro is 20.00, 19 % of it 3.80; of the overage 6.00 are left, 19 % of them 1.14.
    assert (invoice["subtotal"], invoice["tax"]) == (3000, 380 + 114)
    assert invoice["total"] == 2000 + 380 + 600 + 114


def test_a_purchase_half_paid_back_with_its_tax_voids_half(seller: Shop) -> None:
    be(seller, "a consumer in Germany")
    seller.subscribe("pro")
    buy(seller, 400)
    (bought,) = credit_of(seller)["grants"]
    path = f"/instance/invoices/{bought['invoice_id']}/refund"
    seller.call("POST", path, {"amount": 238}, 201)
    assert credit_of(seller)["balance"] == 200


def of(country: str, state: str = "", *ids: TaxId) -> tuple[str | None, bool]:
    found = treatment(Rates.model_validate(RATES), country, state, ids)
    return (None if found.rate is None else str(found.rate.percentage)), found.reverse_charge


def test_the_rule_of_rates() -> None:
    assert of("DE") == ("19", False)
    assert of("DE", "", TaxId("eu_vat", "DE1")) == ("19", False)
    assert of("FR") == ("20", False)
    assert of("FR", "", TaxId("eu_vat", "FR1")) == (None, True)
    assert of("FR", "", TaxId("eu_vat", "FR1", "pending")) == (None, True)
    # What the register does not know makes nobody a business.
    assert of("FR", "", TaxId("eu_vat", "FR1", "unverified")) == ("20", False)
    assert of("GR", "", TaxId("eu_vat", "EL1")) == (None, True)
    assert of("US", "NY") == ("4", False)
    assert of("US", "CA") == (None, False)
    assert of("CH", "", TaxId("ch_vat", "CHE1")) == (None, False)


def test_what_is_wrong_with_the_settings_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="off, stripe or rates"):
        load_tax({"TREADLE_TAX": "yes"})
    with pytest.raises(SetupError, match="TREADLE_TAX_RATES is not set"):
        load_tax({"TREADLE_TAX": "rates"})
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({**RATES, "rates": [{"country": "Germany"}]}))
    with pytest.raises(SetupError, match=r"rates\.0\.country"):
        rates_in(path)
    with pytest.raises(SetupError, match="cannot be read"):
        rates_in(tmp_path / "none.json")
