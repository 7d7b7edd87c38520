"""Several people work in one workspace, and one person in several."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD, Account, Product


def invite(page: Page, email: str, role: str) -> str:
    """Invite somebody on the settings' page; returns the address to send."""
    page.goto("/settings/members")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Role", exact=True).select_option(role)
    page.get_by_role("button", name="Invite", exact=True).click()
    told = page.get_by_role("status").filter(has_text="Send this address")
    expect(told).to_contain_text(email)
    return str(told.locator("code").text_content())


def test_somebody_is_invited_joins_as_a_viewer_and_becomes_an_editor(
    member: Visitor, account: Account, product: Product, browser: Browser
) -> None:
    email = f"guest-of-{account.email}"
    address = invite(member.page, email, "viewer")
    assert address.startswith(f"{product.url}/join#")
    guest = Visitor(browser, product.url)
    page = guest.page
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Ada Lovelace invites you into Ada Lovelace's workspace"
    )
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("button", name="Workspace: Ada Lovelace's workspace")).to_be_visible()
    page.goto("/settings/members")
    expect(page.get_by_role("cell", name="Viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Invite", exact=True)).to_have_count(0)
    # The owner sees the guest, and gives another role.
    member.page.reload()
    member.page.get_by_label("Role of Grace Hopper").select_option("editor")
    expect(member.page.get_by_text("Grace Hopper has another role now.").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("cell", name="Editor")).to_be_visible()
    page.goto("/workflows")
    expect(page.get_by_role("button", name="New workflow").first).to_be_enabled()
    # And puts them out.
    member.page.get_by_role("row").filter(has_text="Grace Hopper").get_by_role(
        "button", name="Remove"
    ).click()
    member.page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(member.page.get_by_role("row").filter(has_text="Grace Hopper")).to_have_count(0)
    page.goto("/workflows")
    page.wait_for_url("**/login**")
    guest.close()


def test_who_has_an_account_signs_in_and_joins(
    member: Visitor, account: Account, product: Product, browser: Browser
) -> None:
    other = Account(product.url, f"other-{account.email}", name="Hedy")
    address = invite(member.page, other.email, "editor")
    guest = Visitor(browser, product.url)
    page = guest.page
    page.goto(address)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(other.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Workspace: Ada Lovelace's workspace")).to_be_visible()
    # And goes back into their own.
    page.get_by_role("button", name="Workspace: Ada Lovelace's workspace").click()
    page.get_by_role("menuitem", name="Hedy's workspace").click()
    expect(page.get_by_role("button", name="Workspace: Hedy's workspace")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "This invitation is not valid any more"
    )
    guest.close()


def test_a_second_workspace_is_empty_and_gets_its_name(member: Visitor, account: Account) -> None:
    page = member.page
    account.call("POST", "/workflow-drafts", json={"name": "Only in the first"})
    page.get_by_role("button", name="Workspace: Ada Lovelace's workspace").click()
    page.get_by_role("menuitem", name="New workspace").click()
    page.get_by_label("Name of the workspace").fill("Second")
    page.get_by_role("button", name="Make it and go there").click()
    expect(page.get_by_role("button", name="Workspace: Second")).to_be_visible()
    expect(page.get_by_text("Only in the first")).to_have_count(0)
    page.goto("/settings/workspace")
    page.get_by_label("Name of the workspace").fill("Accounting")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("button", name="Workspace: Accounting")).to_be_visible()


def test_a_person_changes_name_and_password(
    member: Visitor, account: Account, product: Product, browser: Browser
) -> None:
    page = member.page
    page.goto("/settings/account")
    page.get_by_label("Name", exact=True).fill("Ada King")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("button", name="Account: Ada King")).to_be_visible()
    page.get_by_label("Current password").fill("this is not it")
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert").filter(has_text="This is not your password.")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password was changed.").first).to_be_visible()
    again = Visitor(browser, product.url)
    again.sign_in(account.email, "another long password")
    again.close()


def test_retention_is_asked_about_before_it_deletes(member: Visitor) -> None:
    page = member.page
    page.goto("/settings/retention")
    page.get_by_label("Keep executions").select_option("30")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Save and delete").click()
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Keep executions")).to_have_value("30")


def test_the_administrator_sees_how_the_instance_is(product: Product, browser: Browser) -> None:
    page_of = Visitor(browser, product.url)
    page_of.sign_in(product.administrator, PASSWORD)
    page_of.page.goto("/settings/instance")
    checks = page_of.page.get_by_role("listitem")
    for name in ("database", "queue", "workers", "scheduler", "sandbox"):
        expect(checks.filter(has_text=name).filter(has_text="fine").first).to_be_visible()
    page_of.close()


def test_the_audit_log_is_filtered_and_shown_whole(member: Visitor, account: Account) -> None:
    account.call("POST", "/variables", json={"name": "region", "value": "eu"})
    page = member.page
    page.goto("/settings/audit-log")
    rows = page.get_by_role("region", name="Audit log").get_by_role("row")
    expect(rows.filter(has_text="user.signed_up")).to_have_count(1)
    action = page.get_by_label("Action")
    action.fill("variable.created")
    action.press("Enter")
    expect(rows.filter(has_text="user.signed_up")).to_have_count(0)
    page.get_by_role("button", name="Show entry").click()
    expect(page.get_by_role("dialog")).to_contain_text('"name": "region"')
    page.keyboard.press("Escape")
    action.fill("nothing.like_it")
    action.press("Enter")
    expect(page.get_by_text("No entry is like that.")).to_be_visible()
