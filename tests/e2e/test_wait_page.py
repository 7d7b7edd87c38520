"""The page of a wait in a real browser: its form goes on although it may do nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import NARROW, WIDE
from tests.e2e.product import Account
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
