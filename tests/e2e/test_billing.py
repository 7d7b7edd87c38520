"""A customer's way in a browser: Free, the limit, Pro, Team, cancelled, resumed, a failed card."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from layers.settings.billing import BUILT_IN_PLANS
from tests.e2e.browser import NARROW, Visitor, barriers
from tests.e2e.product import PASSWORD, Account, Product
from tests.waiting import until

NUMBERS = count(1)
EXECUTIONS = {"free": 2, "pro": 4, "team": 50, "enterprise": None}
TABS = ("Overview", "Plans", "Usage", "Invoices", "Payment", "Alerts", "Budgets")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with billing on and small plans."""
    folder = tmp_path_factory.mktemp("shop")
    plans: list[dict[str, Any]] = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        plan["limits"]["executions"] = EXECUTIONS[plan["plan"]]
        plan["trial_days"] = 0
    file = folder / "plans.json"
    file.write_text(json.dumps(plans))
    billing = {"TREADLE_BILLING": "on", "TREADLE_PLANS": str(file)}
    product = Product(folder / "data", "--no-demo", environment={**os.environ, **billing})
    owner = Account(product.url, "first@example.com")
    until(lambda: is_sold(owner), "prices at Stripe")
    yield product
    product.stop()


def is_sold(owner: Account) -> bool:
    """Whether the emulated Stripe knows the plans already."""
    wish = {"plan": "pro"}
    url = f"{owner.url}/api/v1/billing/checkout"
    return requests.post(url, json=wish, headers=owner.headers, timeout=30).status_code == 200


class Customer:
    """Somebody with a workflow that listens."""

    def __init__(self, product: Product, window: Visitor) -> None:
        number = next(NUMBERS)
        self.window = window
        self.page: Page = window.page
        self.account = Account(product.url, f"customer{number}@example.com")
        self.hook = f"{product.url}/hooks/shop-{number}"
        hook = {"path": f"shop-{number}", "method": "POST", "respond": "received"}
        nodes = [{"id": "hook", "type": "webhook", "params": hook}]
        made = self.account.call("POST", "/workflows", json={"name": "Orders", "nodes": nodes})
        self.account.call("POST", f"/workflows/{made.json()['id']}/activate")
        window.sign_in(self.account.email, PASSWORD)

    def order(self, times: int) -> None:
        for _ in range(times):
            assert requests.post(self.hook, json={}, timeout=30).status_code == 202

    def open(self, tab: str) -> None:
        self.page.goto("/settings/billing")
        self.page.get_by_role("tab", name=tab, exact=True).click()

    def subscribe(self, plan: str) -> None:
        self.open("Plans")
        self.page.get_by_role("button", name=f"Upgrade: {plan}").click()
        self.page.get_by_role("button", name="Pay with 4242").click()
        expect(self.page.get_by_text(f"You are on the plan {plan}").first).to_be_visible()
        expect(self.page.get_by_role("heading", name=f"{plan} Active")).to_be_visible()


@pytest.fixture
def customer(shop: Product, browser: Browser) -> Iterator[Customer]:
    window = Visitor(browser, shop.url)
    yield Customer(shop, window)
    window.close()


def test_the_limit_an_upgrade_and_what_was_kept(customer: Customer) -> None:
    page = customer.page
    customer.order(3)
    customer.open("Overview")
    meter = page.get_by_role("meter", name="Executions")
    expect(meter).to_have_attribute("aria-valuenow", "2")
    expect(page.get_by_text("1 execution waits for the plan")).to_be_visible()
    page.goto("/executions")
    expect(page.get_by_text("Waits for the plan")).to_be_visible()
    customer.subscribe("Pro")
    page.goto("/executions")
    expect(page.get_by_role("row").filter(has_text="Succeeded")).to_have_count(3)
    customer.order(5)
    customer.open("Plans")
    page.get_by_role("button", name="Upgrade: Team").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Remaining time on 1 × Treadle Team")).to_be_visible()
    expect(dialog.get_by_text("Due now:")).to_be_visible()
    dialog.get_by_role("button", name="Confirm the change").click()
    expect(page.get_by_text("You are on the plan Team").first).to_be_visible()
    page.goto("/executions")
    expect(page.get_by_role("row").filter(has_text="Succeeded")).to_have_count(8)


def test_a_downgrade_is_credited(customer: Customer) -> None:
    page = customer.page
    customer.subscribe("Team")
    customer.open("Plans")
    page.get_by_role("button", name="Downgrade: Pro").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile("^Now")).check()
    expect(dialog.get_by_text("are credited to the next invoices")).to_be_visible()
    dialog.get_by_role("button", name="Confirm the change").click()
    expect(page.get_by_text("You are on the plan Pro").first).to_be_visible()


def test_cancel_and_resume(customer: Customer) -> None:
    page = customer.page
    customer.subscribe("Pro")
    page.get_by_role("button", name="Cancel the plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the plan").click()
    expect(page.get_by_text(re.compile("Pro ends on"))).to_be_visible()
    page.get_by_role("button", name="Keep the plan").click()
    expect(page.get_by_role("button", name="Cancel the plan")).to_be_visible()
    page.get_by_role("button", name="Manage at Stripe").click()
    page.get_by_role("button", name="Cancel at the end of the period").click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("button", name="Keep the plan")).to_be_visible()


def test_a_refused_card_says_so_and_changes_nothing(customer: Customer) -> None:
    page = customer.page
    customer.subscribe("Pro")
    customer.open("Payment")
    page.get_by_role("button", name="Manage at Stripe").or_(
        page.get_by_role("button", name="Add a card")
    ).first.click()
    page.get_by_role("button", name="Pay with 4000").click()
    expect(page.get_by_text("declined")).to_be_visible()
    customer.open("Payment")
    expect(page.get_by_text("Visa ending in 4242").first).to_be_visible()


def test_what_a_plan_lacks_leads_to_the_plans(customer: Customer) -> None:
    page = customer.page
    page.goto("/settings/retention")
    page.get_by_label("Keep executions").select_option("30")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alertdialog").get_by_role("button").last.click()
    page.get_by_role("link", name="See plans").first.click()
    expect(page.get_by_role("tab", name="Plans")).to_have_attribute("aria-selected", "true")


def test_invoices_and_budgets(customer: Customer) -> None:
    page = customer.page
    customer.subscribe("Pro")
    customer.open("Invoices")
    row = page.get_by_role("row").filter(has_text="$20.00")
    with page.expect_download() as download:
        row.get_by_role("link", name=re.compile("as PDF")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    row.get_by_role("button").first.click()
    expect(page.get_by_role("dialog").get_by_text("1 × Treadle Pro")).to_be_visible()
    customer.open("Budgets")
    page.get_by_label("Tokens").fill("5000")
    page.get_by_role("button", name="Set the budget").click()
    row = page.get_by_role("row").filter(has_text="5,000")
    row.get_by_role("button", name=re.compile("Delete")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There is no budget.")).to_be_visible()


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_billing_has_no_barriers(customer: Customer, size: str) -> None:
    page = customer.page
    customer.order(1)
    customer.subscribe("Pro")
    if size == "narrow":
        page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    for tab in TABS:
        customer.open(tab)
        page.get_by_role("tabpanel").wait_for()
        customer.window.rest()
        assert barriers(page) == [], tab


def test_the_administrator_sees_the_revenue(shop: Product, browser: Browser) -> None:
    window = Visitor(browser, shop.url)
    window.sign_in(shop.administrator, PASSWORD)
    page = window.page
    page.goto("/settings/revenue")
    expect(page.get_by_text("Monthly (MRR)").first).to_be_visible()
    assert barriers(page) == []
    window.close()
