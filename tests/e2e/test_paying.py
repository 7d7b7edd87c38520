"""A customer's way with the bank in a browser: consent at Checkout, at a change, at a renewal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from local_emulator.emulator import EMULATED_KEY
from tests.e2e.browser import NARROW, Visitor
from tests.e2e.product import PASSWORD, Product
from tests.e2e.test_billing import Customer, shop
from tests.waiting import until

__all__ = ["shop"]

CONSENT = "pm_card_authenticationRequired"
SHOTS = os.environ.get("TREADLE_SCREENS")
"""A folder for pictures of what is tried here; none are made without it."""


def picture(page: Page, name: str) -> None:
    """Keep a picture, wide and narrow, light and dark."""
    if not SHOTS:
        return
    wide = page.viewport_size
    for kind, size in (("wide", wide), ("narrow", NARROW)):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            path = Path(SHOTS) / f"{name}-{kind}-{scheme}.png"
            page.screenshot(path=path, full_page=True, animations="disabled")
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


class Payer(Customer):
    """A customer whose bank is asked."""

    stripe = ""

    def choose(self, card: str) -> None:
        """Pay with a card on a page of Stripe's."""
        self.page.get_by_label("Any method for tests").select_option(card)
        parts = urlsplit(self.page.url)
        self.stripe = f"{parts.scheme}://{parts.netloc}"
        self.page.get_by_role("button", name="Pay", exact=True).click()

    def subscribe_with_consent(self) -> None:
        """Go through Checkout, and agree at the bank."""
        self.open("Plans")
        self.page.get_by_role("button", name="Upgrade: Pro").click()
        self.choose(CONSENT)
        self.page.get_by_role("button", name="Complete").click()
        expect(self.page.get_by_text("You are on the plan Pro").first).to_be_visible()

    def change_to_team(self) -> None:
        """Ask for a change, which then waits."""
        self.open("Plans")
        self.page.get_by_role("button", name="Upgrade: Team").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Confirm the change").click()
        expect(self.page.get_by_text("The change to Team waits for its payment")).to_be_visible()

    def at_the_bank(self, button: str) -> None:
        """Follow the app to the bank, answer there, and come back."""
        with self.window.context.expect_page() as opened:
            self.page.get_by_role("link", name="Confirm with your bank").first.click()
        bank = opened.value
        bank.get_by_role("link", name="Confirm with your bank").click()
        bank.get_by_role("button", name=button).click()
        expect(bank.get_by_role("heading", name=re.compile("Invoice"))).to_be_visible()
        bank.close()

    def at_stripe(self, path: str, **form: Any) -> None:
        """Do something at the emulated Stripe as somebody with its key."""
        answer = requests.post(
            f"{self.stripe}/v1/{path}", data=form, auth=(EMULATED_KEY, ""), timeout=30
        )
        assert answer.ok, answer.text

    def known(self) -> Any:
        """What Treadle knows of the subscription."""
        return self.account.call("GET", "/billing/subscription").json()

    def subscription_id(self) -> str:
        """The newest subscription at the emulated Stripe."""
        url = f"{self.stripe}/v1/subscriptions?limit=1"
        answer = requests.get(url, auth=(EMULATED_KEY, ""), timeout=30)
        return str(answer.json()["data"][0]["id"])


@pytest.fixture
def payer(shop: Product, browser: Browser) -> Iterator[Payer]:
    window = Visitor(browser, shop.url)
    yield Payer(shop, window)
    window.close()


def test_checkout_leads_over_the_bank_and_back(payer: Payer) -> None:
    page = payer.page
    payer.open("Plans")
    page.get_by_role("button", name="Upgrade: Pro").click()
    payer.choose("pm_card_chargeDeclinedInsufficientFunds")
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    payer.choose(CONSENT)
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_role("alert")).to_contain_text("unable to authenticate")
    payer.choose(CONSENT)
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("You are on the plan Pro").first).to_be_visible()


def test_a_change_waits_for_the_bank_and_holds_then(payer: Payer) -> None:
    payer.subscribe_with_consent()
    payer.change_to_team()
    picture(payer.page, "pending-change")
    payer.at_the_bank("Complete")
    payer.open("Overview")
    expect(payer.page.get_by_role("heading", name="Team Active")).to_be_visible()


def test_a_change_that_is_not_agreed_to_changes_nothing(payer: Payer) -> None:
    payer.subscribe_with_consent()
    payer.change_to_team()
    payer.at_the_bank("Fail")
    payer.open("Overview")
    expect(payer.page.get_by_role("heading", name="Pro Active")).to_be_visible()
    payer.page.get_by_role("button", name="Drop the change").click()
    expect(payer.page.get_by_text("The change is dropped.").first).to_be_visible()
    payer.open("Payment")
    history = payer.page.get_by_role("region", name="Payment history")
    expect(history.get_by_text("The payment was not agreed to.")).to_be_visible()
    picture(payer.page, "payment-history")


def test_a_renewal_that_needs_consent(payer: Payer) -> None:
    payer.subscribe_with_consent()
    anchored = {"billing_cycle_anchor": "now", "proration_behavior": "none"}
    payer.at_stripe(f"subscriptions/{payer.subscription_id()}", **anchored)
    until(lambda: payer.known()["payment_action"] is not None, "a payment that waits")
    notice = payer.page.get_by_text("A payment needs your consent")
    payer.open("Overview")
    expect(notice).to_be_visible()
    picture(payer.page, "renewal-consent")
    payer.at_the_bank("Complete")
    payer.open("Overview")
    expect(notice).to_have_count(0)
    expect(payer.page.get_by_role("heading", name="Pro Active")).to_be_visible()


def test_a_refund_is_made_in_the_app_and_seen_by_the_customer(
    payer: Payer, shop: Product, browser: Browser
) -> None:
    payer.subscribe_with_consent()
    number = payer.account.call("GET", "/billing/invoices").json()["items"][0]["number"]
    boss = Visitor(browser, shop.url)
    boss.sign_in(shop.administrator, PASSWORD)
    page = boss.page
    page.goto("/settings/revenue?tab=invoices")
    page.get_by_label("Find invoices").fill(number)
    page.get_by_role("button", name=f"Give back of invoice {number}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("25.00")
    dialog.get_by_label("Reason").fill("An outage")
    dialog.get_by_role("button", name="Give back $25.00").click()
    expect(dialog.get_by_text("At most 20.00 USD can be paid back")).to_be_visible()
    picture(page, "give-back")
    dialog.get_by_label("Amount").fill("5.00")
    dialog.get_by_role("button", name="Give back $5.00").click()
    expect(page.get_by_text("$5.00 is paid back.").first).to_be_visible()
    picture(page, "instance-invoices")
    boss.close()
    payer.open("Invoices")
    payer.page.get_by_role("button", name=number).click()
    shown = payer.page.get_by_role("dialog")
    expect(shown.get_by_role("list", name="Paid back").get_by_text("-$5.00")).to_be_visible()
    expect(shown.get_by_role("list", name="Credit notes").get_by_text("An outage")).to_be_visible()
    picture(payer.page, "invoice-with-refund")
    payer.open("Alerts")
    expect(
        payer.page.get_by_text(f"$5.00 of invoice {number} is paid back to you.")
    ).to_be_visible()
