"""What somebody new does first with a product that was put somewhere."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD


def sign_up_and_run_a_template(browser: Browser, url: str) -> None:
    """Make an account, take the first template, and see it succeed."""
    visitor = Visitor(browser, url)
    page = visitor.page
    page.goto("/signup")
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("E-mail address").fill("grace@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("button", name="Use it: First steps").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible()
    visitor.close()
