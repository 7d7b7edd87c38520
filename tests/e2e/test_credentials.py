"""A credential is connected in a window of its own, and shown with who uses it."""

from __future__ import annotations

from playwright.sync_api import expect

from local_emulator.providers.openid import OpenIdProvider
from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.oauth.provider import serving


def test_a_credential_is_connected_reconnected_and_ended(member: Visitor, account: Account) -> None:
    page = member.page
    provider = OpenIdProvider()
    with serving(provider) as url:
        page.goto("/credentials")
        page.get_by_role("button", name="New credential").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Type").select_option(label="OAuth 2.0")
        expect(dialog.get_by_text("/credentials/oauth/generic/callback")).to_be_visible()
        dialog.get_by_label("Name", exact=False).first.fill("Mail")
        dialog.get_by_label("Authorization address").fill(f"{url}/authorize")
        dialog.get_by_label("Token address").fill(f"{url}/token")
        dialog.get_by_label("Client id").fill(provider.client_id)
        dialog.get_by_label("Client secret", exact=True).fill(provider.client_secret)
        dialog.get_by_label("Allowed hosts").fill("127.0.0.1")
        dialog.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Not connected")).to_be_visible()
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Connect", exact=True).click()
        opened.value.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("as ada@example.com", exact=True)).to_be_visible()
        expect(page.get_by_text("Connected", exact=True)).to_be_visible()
        # Somebody who says no is told so, and the former connection stays.
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Reconnect").click()
        opened.value.get_by_role("button", name="Deny").click()
        expect(page.get_by_text("The person said no.").first).to_be_visible()
        expect(page.get_by_text("Connected", exact=True)).to_be_visible()
        (credential,) = account.call("GET", "/credentials").json()["items"]
        node = {"id": "a", "type": "http_request", "credential_id": credential["id"]}
        document = {"name": "Reads mail", "nodes": [node]}
        account.call("POST", "/workflow-drafts", json={"name": "Reads mail", "document": document})
        page.reload()
        page.get_by_text("Used by one workflow").click()
        expect(page.get_by_role("link", name="Reads mail")).to_be_visible()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("alertdialog")).to_contain_text("Reads mail")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Disconnect").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("Not connected")).to_be_visible()
