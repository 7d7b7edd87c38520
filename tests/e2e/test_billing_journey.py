"""One customer's whole way in a browser: what the page, the document and Stripe say is the same."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, expect
from pypdf import PdfReader

from layers.settings.billing import BUILT_IN_PLANS
from local_emulator.emulator import EMULATED_KEY
from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD, Account, Product
from tests.e2e.test_billing import is_sold
from tests.e2e.test_paying import CONSENT, Payer, picture
from tests.waiting import until

BERLIN = {"line1": "Lindenstraße 1", "city": "Berlin", "postal_code": "10969", "country": "DE"}
LIMITS = {"pro": {"executions": 3, "active_workflows": 1}, "team": {"executions": 2}}
TRIED = "team"
"""The only plan that can be tried: whoever wants another pays at once."""
RATES = {
    "seller": "DE",
    "reverse_charge": ["EU"],
    "rates": [{"country": "DE", "name": "MwSt.", "percentage": "19", "tax_type": "vat"}],
}
SELLER = {
    "TREADLE_SELLER_NAME": "Weaving Mill GmbH",
    "TREADLE_SELLER_ADDRESS": "Am Kanal 2|14467 Potsdam",
    "TREADLE_SELLER_COUNTRY": "DE",
    "TREADLE_SELLER_TAX_IDS": "eu_vat DE123456789",
}
FAILS_LATER = "pm_card_chargeCustomerFail"
ATTEMPTS_LEFT = 3
"""How often an unpaid renewal is tried again before Stripe gives up."""


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with small plans that can be tried, dear overage, a seller and its tax."""
    folder = tmp_path_factory.mktemp("mill")
    plans: list[dict[str, Any]] = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        plan["limits"] |= LIMITS.get(plan["plan"], {})
        if plan["plan"] != TRIED:
            plan["trial_days"] = 0
        if plan["overage"]:
            plan["overage"]["executions"] = {"usd": "25", "eur": "24", "jpy": "40"}
    (folder / "plans.json").write_text(json.dumps(plans))
    (folder / "rates.json").write_text(json.dumps(RATES))
    settings = {
        "TREADLE_BILLING": "on",
        "TREADLE_PLANS": str(folder / "plans.json"),
        "TREADLE_TAX": "rates",
        "TREADLE_TAX_RATES": str(folder / "rates.json"),
        **SELLER,
    }
    product = Product(folder / "data", "--no-demo", environment={**os.environ, **settings})
    owner = Account(product.url, "first@example.com")
    until(lambda: is_addressed(owner) and is_sold(owner), "prices at Stripe")
    yield product
    product.stop()


def is_addressed(account: Account) -> bool:
    """Give an account an address, without which nothing is sold where tax follows from it."""
    buyer = {"name": "Ada Lovelace", "email": account.email, "address": BERLIN, "tax_id": ""}
    url = f"{account.url}/api/v1/billing/buyer"
    return requests.put(url, json=buyer, headers=account.headers, timeout=30).ok


class Wanderer(Payer):
    """A customer who goes the whole way."""

    def ask_stripe(self, path: str) -> Any:
        """Read something at Stripe itself."""
        url = f"{self.stripe}/v1/{path}"
        answer = requests.get(url, auth=(EMULATED_KEY, ""), timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def subscription(self) -> Any:
        """The own subscription at Stripe."""
        return self.ask_stripe(f"subscriptions/{self.subscription_id()}")

    def pay_at_the_bank(self) -> None:
        """Agree to the payment that waits, and see that the plan goes on."""
        until(lambda: self.known()["payment_action"] is not None, "a payment that waits")
        self.open("Overview")
        notice = self.page.get_by_text("A payment needs your consent")
        expect(notice).to_be_visible()
        self.at_the_bank("Complete")
        until(lambda: self.known()["status"] == "active", "a plan that goes on")
        self.open("Overview")
        expect(self.page.get_by_role("heading", name="Team Active")).to_be_visible()
        expect(notice).to_have_count(0)
        expect(self.page.get_by_text("Your bank asks you to agree")).to_have_count(0)

    def invoices(self) -> list[Any]:
        """The own invoices at Stripe, the newest first."""
        customer = self.subscription()["customer"]
        return list(self.ask_stripe(f"invoices?customer={customer}&limit=100")["data"])

    def compare(self, invoice: dict[str, Any]) -> None:
        """The dialog, the document and Stripe's object name the same amounts, and the buyer."""
        number = invoice["number"]
        self.open("Invoices")
        self.page.get_by_role("button", name=number, exact=True).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_text("Weaving Mill GmbH")).to_be_visible()
        shown = dialog.inner_text()
        picture(self.page, f"journey-{number}")
        with self.page.expect_download() as download:
            dialog.get_by_role("link", name=f"Download invoice {number} as PDF").click()
        pages = PdfReader(io.BytesIO(Path(download.value.path()).read_bytes())).pages
        printed = "\n".join(page.extract_text() for page in pages)
        for amount in amounts_of(invoice):
            assert amount in shown, (number, amount, shown)
            assert amount in printed, (number, amount, printed)
        for fact in (number, "Lovelace Engines", "DE136695976", "19%", "Weaving Mill GmbH"):
            assert fact in shown, (number, fact, shown)
            assert fact in printed, (number, fact, printed)


def amounts_of(invoice: dict[str, Any]) -> set[str]:
    """Every amount of one of Stripe's invoices, as people write it without its sign."""
    found = [invoice["subtotal"], invoice["total"], invoice["total_excluding_tax"]]
    found += [one["amount"] for one in invoice["lines"]["data"]]
    found += [one["amount"] for one in invoice["total_taxes"]]
    found += [one["amount"] for one in invoice["total_discount_amounts"]]
    return {f"{abs(one) / 100:,.2f}" for one in found}


@pytest.fixture
def wanderer(mill: Product, browser: Browser) -> Iterator[Wanderer]:
    window = Visitor(browser, mill.url)
    yield Wanderer(mill, window)
    window.close()


@pytest.fixture
def boss(mill: Product, browser: Browser) -> Iterator[Visitor]:
    """The administrator's window."""
    window = Visitor(browser, mill.url)
    window.sign_in(mill.administrator, PASSWORD)
    yield window
    window.close()


def make_code(boss: Visitor, code: str) -> None:
    """A code of ten percent for as long as a subscription lasts."""
    page = boss.page
    page.goto("/settings/revenue?tab=coupons")
    form = page.get_by_role("form", name="New code")
    form.get_by_label("Code").fill(code)
    form.get_by_label("Percent").fill("10")
    form.get_by_label("Lasts").select_option("forever")
    form.get_by_role("button", name="Make the code").click()
    expect(page.get_by_text(f"The code {code} can be redeemed.").first).to_be_visible()
    picture(page, "journey-coupons")


def name_buyer(wanderer: Wanderer) -> None:
    """Say whom invoices name: with a tax id of another length first."""
    page = wanderer.page
    wanderer.open("Payment")
    page.get_by_label("Name or company").fill("Lovelace Engines")
    page.get_by_label("Street and number").fill(BERLIN["line1"])
    page.get_by_label("Postal code").fill(BERLIN["postal_code"])
    page.get_by_label("Town").fill(BERLIN["city"])
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Kind of tax id").select_option("eu_vat")
    tax_id = page.get_by_label("Tax id", exact=True)
    tax_id.fill("DE12")
    save = page.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(tax_id).to_have_attribute("aria-invalid", "true")
    picture(page, "journey-wrong-tax-id")
    tax_id.fill("DE136695976")
    save.click()
    expect(page.get_by_text("The next invoices name this buyer.").first).to_be_visible()


def begin_trial(wanderer: Wanderer, code: str) -> None:
    """Try Team with a code and a card for which the bank asks each time."""
    page = wanderer.page
    wanderer.open("Plans")
    page.get_by_label("Promotion code").fill(code)
    page.get_by_role("button", name="Start trial: Team").click()
    wanderer.choose(CONSENT)
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("heading", name="Team Trial")).to_be_visible()
    expect(page.get_by_text("10 % off")).to_be_visible()
    expect(page.get_by_text("On that day $72.00 for the first month")).to_be_visible()
    picture(page, "journey-trial")


def take_a_second_seat(wanderer: Wanderer) -> None:
    """Change to two seats, which waits for the bank."""
    page = wanderer.page
    wanderer.open("Plans")
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Change seats: Team").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm the change").click()
    expect(page.get_by_text("The change to Team waits for its payment")).to_be_visible()
    assert wanderer.subscription()["items"]["data"][0]["quantity"] == 1
    wanderer.at_the_bank("Complete")
    assert wanderer.subscription()["items"]["data"][0]["quantity"] == 2
    until(lambda: wanderer.known()["seats"] == 2, "two seats")


def go_beyond(wanderer: Wanderer) -> None:
    """Agree to pay for up to five executions more, and use two of them."""
    page = wanderer.page
    wanderer.open("Alerts")
    page.get_by_label("Executions", exact=True).select_option("overage")
    page.get_by_label("Cap: Executions beyond the plan").fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    wanderer.order(6)
    wanderer.open("Overview")
    expect(page.get_by_text("So far 2 beyond the plan: $0.50")).to_be_visible()
    picture(page, "journey-overage")
    until(lambda: overage_waits(wanderer), "the overage at Stripe")


def overage_waits(wanderer: Wanderer) -> bool:
    """Whether Stripe has the overage for the next invoice."""
    customer = wanderer.subscription()["customer"]
    waiting = wanderer.ask_stripe(f"invoiceitems?customer={customer}&pending=true")["data"]
    return [one["amount"] for one in waiting] == [50]


def step_down(wanderer: Wanderer) -> None:
    """Choose Pro for the next period, and which workflow stops then."""
    page = wanderer.page
    hook = {"path": "second", "method": "POST", "respond": "received"}
    nodes = [{"id": "hook", "type": "webhook", "params": hook}]
    second = {"name": "Second", "nodes": nodes}
    made = wanderer.account.call("POST", "/workflows", json=second).json()
    wanderer.account.call("POST", f"/workflows/{made['id']}/activate")
    wanderer.open("Plans")
    page.get_by_label("Seats").fill("1")
    page.get_by_role("button", name="Downgrade: Pro").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name=re.compile("when the period ends"))).to_be_checked()
    too_much = dialog.get_by_role("list", name="What is too much")
    expect(too_much.get_by_text("1 is still too many.")).to_be_visible()
    too_much.get_by_role("checkbox", name=re.compile("Second")).check()
    expect(too_much.get_by_text("That fits the plan.")).to_be_visible()
    picture(page, "journey-downgrade")
    dialog.get_by_role("button", name="Confirm the change").click()
    expect(dialog).to_have_count(0)
    wanderer.open("Overview")
    expect(page.get_by_text(re.compile("Changes to Pro on"))).to_be_visible()
    schedule = wanderer.ask_stripe(f"subscription_schedules/{wanderer.subscription()['schedule']}")
    assert [one["items"][0]["quantity"] for one in schedule["phases"]][:2] == [2, 1]


def give_back(boss: Visitor, number: str) -> None:
    """The administrator pays five dollars back of an invoice."""
    page = boss.page
    page.goto("/settings/revenue?tab=invoices")
    page.get_by_label("Find invoices").fill(number)
    page.get_by_role("button", name=f"Give back of invoice {number}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("5.00")
    dialog.get_by_label("Reason").fill("An outage")
    dialog.get_by_role("button", name="Give back $5.00").click()
    expect(page.get_by_text("$5.00 is paid back.").first).to_be_visible()


def test_a_customers_whole_way(wanderer: Wanderer, boss: Visitor) -> None:
    make_code(boss, "WELCOME10")
    name_buyer(wanderer)
    begin_trial(wanderer, "WELCOME10")
    wanderer.at_stripe(f"subscriptions/{wanderer.subscription_id()}", trial_end="now")
    wanderer.pay_at_the_bank()
    take_a_second_seat(wanderer)
    go_beyond(wanderer)
    anchored = {"billing_cycle_anchor": "now", "proration_behavior": "none"}
    wanderer.at_stripe(f"subscriptions/{wanderer.subscription_id()}", **anchored)
    wanderer.pay_at_the_bank()
    invoices = wanderer.invoices()
    renewal, change, first, trial = invoices
    assert trial["total"] == 0
    # 80.00 less a tenth, and 19 % of the rest; 160.00 and the overage alike.
    assert (first["subtotal"], first["total"]) == (8000, 8568)
    assert (change["status"], renewal["subtotal"]) == ("paid", 16050)
    for invoice in (renewal, change, first):
        wanderer.compare(invoice)
    step_down(wanderer)
    give_back(boss, first["number"])
    wanderer.open("Invoices")
    wanderer.page.get_by_role("button", name=first["number"], exact=True).click()
    dialog = wanderer.page.get_by_role("dialog")
    expect(listed(dialog, "Paid back").get_by_text("-$5.00")).to_be_visible()
    expect(listed(dialog, "Credit notes").get_by_text("An outage")).to_be_visible()
    picture(wanderer.page, "journey-refunded")
    [note] = wanderer.ask_stripe(f"credit_notes?invoice={first['id']}")["data"]
    assert (note["amount"], note["total"]) == (500, 500)


def listed(dialog: Locator, name: str) -> Locator:
    """One of the lists of an invoice's dialog."""
    return dialog.get_by_role("list", name=name)


@pytest.fixture
def debtor(wanderer: Wanderer) -> Wanderer:
    """Somebody whose subscription is unpaid: all attempts of the renewal have failed."""
    assert is_addressed(wanderer.account)
    page = wanderer.page
    wanderer.open("Plans")
    page.get_by_role("button", name="Upgrade: Pro").click()
    wanderer.choose("pm_card_visa")
    expect(page.get_by_role("heading", name="Pro Active")).to_be_visible()
    subscription = wanderer.subscription()
    customer = subscription["customer"]
    wanderer.at_stripe(f"payment_methods/{FAILS_LATER}/attach", customer=customer)
    methods = wanderer.ask_stripe(f"payment_methods?customer={customer}")["data"]
    bad = next(one["id"] for one in methods if one["id"] != subscription["default_payment_method"])
    path = f"subscriptions/{subscription['id']}"
    wanderer.at_stripe(path, default_payment_method=bad)
    wanderer.at_stripe(path, billing_cycle_anchor="now", proration_behavior="none")
    renewal = f"invoices/{wanderer.invoices()[0]['id']}"
    # What is charged at once is not tried again by itself, unless somebody says so.
    wanderer.at_stripe(renewal, auto_advance="true")
    for _ in range(ATTEMPTS_LEFT):
        url = f"{wanderer.stripe}/v1/{renewal}/pay"
        assert requests.post(url, auth=(EMULATED_KEY, ""), timeout=30).status_code == 402
    assert wanderer.subscription()["status"] == "unpaid"
    until(lambda: wanderer.known()["status"] == "unpaid", "an unpaid subscription")
    wanderer.open("Overview")
    expect(page.get_by_text("The subscription is not paid")).to_be_visible()
    return wanderer


def test_w8_unpaid_is_left_by_paying_with_a_good_card(debtor: Wanderer) -> None:
    page = debtor.page
    picture(page, "journey-unpaid")
    page.get_by_role("button", name="Pay what is open").click()
    expect(page.get_by_text("declined").first).to_be_visible()
    debtor.open("Payment")
    page.get_by_role("button", name="Make default").click()
    expect(page.get_by_role("button", name="Make default")).to_have_count(1)
    debtor.open("Overview")
    page.get_by_role("button", name="Pay what is open").click()
    expect(page.get_by_role("heading", name="Pro Active")).to_be_visible()
    expect(page.get_by_text("The subscription is not paid")).to_have_count(0)
    assert debtor.subscription()["status"] == "active"


def test_w8_unpaid_is_left_by_ending_it_and_beginning_anew(debtor: Wanderer) -> None:
    page = debtor.page
    former = debtor.subscription_id()
    page.get_by_role("button", name="End it now").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End it now").click()
    expect(page.get_by_text("The subscription has ended.").first).to_be_visible()
    assert debtor.ask_stripe(f"subscriptions/{former}")["status"] == "canceled"
    debtor.open("Plans")
    page.get_by_role("button", name="Upgrade: Pro").click()
    page.get_by_role("button", name="Pay with 4242").click()
    expect(page.get_by_role("heading", name="Pro Active")).to_be_visible()
    assert debtor.subscription_id() != former
