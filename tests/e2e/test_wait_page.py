"""The page of a wait in a real browser: its form goes on although it may do nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.e2e.browser import NARROW, WIDE, Visitor
from tests.e2e.product import Account, Product
from tests.waiting import until

SIZES = {"wide": WIDE, "narrow": NARROW}


@pytest.fixture
def asked(account: Account) -> tuple[str, str]:
    """An execution that asks, and the address at which it does."""
    listed = account.call("GET", "/templates").json()["items"]
    template = next(one for one in listed if one["slug"] == "wait-for-approval")
    document = template["workflow"]
    ask = next(one for one in document["nodes"] if one["id"] == "ask")
    ask["params"]["timeout_s"] = 3600
    body = {"name": "Ask", "document": document}
    workflow_id = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    run = {"source": "draft", "items": [{}]}
    begun = account.call("POST", f"/workflows/{workflow_id}/run", json=run).json()
    execution_id = begun["execution_id"]
    until(lambda: look(account, execution_id)["status"] == "waiting", "it waits")
    steps = look(account, execution_id)["steps"]
    request = next(one for one in steps if one["node_id"] == "request")
    return execution_id, request["output"]["main"][0]["approve_at"]


def look(account: Account, execution_id: str) -> Any:
    return account.call("GET", f"/executions/{execution_id}").json()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "de")])
def test_a_person_decides_on_the_page(
    account: Account, asked: tuple[str, str], browser: Browser, size: str, theme: Any, language: str
) -> None:
    execution_id, url = asked
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=theme,
        locale={"en": "en-GB", "de": "de-DE"}[language],
        java_script_enabled=False,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(url)
    expect(page.get_by_role("heading")).to_have_text("Pay 1200 euros?")
    assert page.locator("html").get_attribute("lang") == language
    picture(page, f"{size}-{theme}")
    assert look(account, execution_id)["status"] == "waiting"
    page.get_by_label("Note").fill("fine")
    page.get_by_role("button", name="Approve").click()
    thanks = {"en": "Thank you", "de": "Vielen Dank"}[language]
    expect(page.get_by_role("heading")).to_have_text(thanks)
    picture(page, f"{size}-{theme}-thanks")
    until(lambda: look(account, execution_id)["status"] == "succeeded", "it goes on")
    assert look(account, execution_id)["output"][0]["result"] == "approved"
    page.goto(url)
    refused = {"en": "This cannot be answered", "de": "Hier gibt es nichts zu beantworten"}
    expect(page.get_by_role("heading")).to_have_text(refused[language])
    assert [one for one in said if "Content Security Policy" in one] == []
    context.close()


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("TREADLE_TEST_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"wait-page-{name}.png")


def test_the_execution_s_page_shows_the_wait_and_goes_on_by_hand(
    member: Visitor, account: Account, asked: tuple[str, str]
) -> None:
    execution_id, url = asked
    page = member.page
    page.goto(f"{member.url}/executions/{execution_id}")
    expect(page.get_by_text("“Somebody decides” waits for a call")).to_be_visible()
    expect(page.get_by_text(url)).to_be_visible()
    expect(page.get_by_role("link", name="Open the page")).to_have_attribute("href", url)
    picture(page, "execution")
    page.get_by_role("button", name="Continue by hand…").click()
    expect(page.get_by_label("Body as JSON")).to_have_value('{\n  "choice": "approve"\n}')
    page.get_by_role("button", name="Continue", exact=True).click()
    until(lambda: look(account, execution_id)["status"] == "succeeded", "it goes on")
    expect(page.get_by_text("“Somebody decides” waits for a call")).to_be_hidden()


def test_what_a_node_remembers_is_cleared_in_its_panel(
    member: Visitor, account: Account, product: Product
) -> None:
    once = {"fields": ["body.id"], "scope": "workflow"}
    path = f"remember-{account.email.partition('@')[0]}"
    document = {
        "name": "Remember",
        "nodes": [
            {"id": "hook", "type": "webhook", "params": {"path": path, "respond": "last_node"}},
            {"id": "once", "type": "remove_duplicates", "params": once},
        ],
        "connections": [{"from": "hook", "to": "once"}],
    }
    workflow_id = account.call("POST", "/workflows", json=document).json()["id"]
    account.call("POST", f"/workflows/{workflow_id}/activate")
    requests.post(f"{product.url}/hooks/{path}", json={"id": 1}, timeout=60).raise_for_status()
    page = member.page
    page.goto(f"{member.url}/workflows/{workflow_id}?node=once")
    expect(page.get_by_text("It remembers 1 item")).to_be_visible()
    picture(page, "history")
    page.get_by_role("button", name="Clear history").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Clear history").click()
    expect(page.get_by_text("It remembers nothing of earlier runs yet")).to_be_visible()
