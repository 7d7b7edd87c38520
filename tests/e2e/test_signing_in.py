"""A person makes an account, signs out, and in again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.browser import Visitor, barriers
from tests.e2e.product import PASSWORD, Account


def test_sign_up_and_in(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/")
    page.wait_for_url("**/login**")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("E-mail address").fill("grace@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("heading", name="Templates", level=1)).to_be_visible()
    page.get_by_role("button", name="Account: Grace Hopper").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/login**")
    visitor.sign_in("grace@example.com", PASSWORD)
    expect(page.get_by_role("heading", name="Workflows", level=1)).to_be_visible()


def test_what_is_wrong_is_said_beside_the_field(visitor: Visitor, account: Account) -> None:
    page = visitor.page
    page.goto("/login")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")


def test_after_signing_in_one_is_where_one_wanted_to_be(visitor: Visitor, account: Account) -> None:
    page = visitor.page
    page.goto("/credentials")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()


def test_another_site_is_not_gone_to_after_signing_in(visitor: Visitor, account: Account) -> None:
    page = visitor.page
    page.goto("/login?next=//evil.example/")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workflows", level=1)).to_be_visible()


def test_forms_have_no_barriers(visitor: Visitor) -> None:
    for path in ("/login", "/signup"):
        visitor.page.goto(path)
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        assert barriers(visitor.page) == []
