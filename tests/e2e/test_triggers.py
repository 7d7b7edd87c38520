"""What starts workflows, as the triggers' page and the editor show it."""

from __future__ import annotations

import re
from uuid import uuid4

import requests
from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.product import Account


def activated(account: Account, name: str, node: dict[str, object]) -> str:
    body = {"name": name, "nodes": [{"id": "a", "name": name, **node}]}
    made = account.call("POST", "/workflows", json=body).json()["id"]
    account.call("POST", f"/workflows/{made}/activate")
    return str(made)


def test_a_schedule_is_said_in_words_as_one_types(member: Visitor, account: Account) -> None:
    node = {"id": "a", "type": "schedule", "params": {"cron": "30 8 * * MON-FRI"}}
    body = {"name": "Daily", "document": {"name": "Daily", "nodes": [node]}}
    made = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    page = member.page
    page.goto(f"/workflows/{made}?node=a")
    expect(page.get_by_text("At 08:30, Monday through Friday")).to_be_visible()
    starts = page.get_by_role("list", name="Next starts (UTC)").get_by_role("listitem")
    expect(starts).to_have_count(5)
    expect(starts.first).to_contain_text("08:30:00")
    page.get_by_label("Cron expression").fill("0 12 * * *")
    expect(page.get_by_text("At 12:00", exact=True)).to_be_visible()
    expect(starts.first).to_contain_text("12:00:00")


def test_every_other_week_is_set_in_the_form(member: Visitor, account: Account) -> None:
    node = {"id": "a", "type": "schedule", "params": {"cron": "30 8 * * *"}}
    body = {"name": "Fortnight", "document": {"name": "Fortnight", "nodes": [node]}}
    made = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    page = member.page
    page.goto(f"/workflows/{made}?node=a")
    page.get_by_label("Cron expression").fill("")
    page.get_by_role("button", name="Set “By the calendar”").click()
    group = page.get_by_role("group", name="By the calendar")
    group.get_by_label("Weeks").fill("2")
    group.get_by_role("checkbox", name="MON").check()
    group.get_by_label("At", exact=True).fill("09:00")
    group.get_by_label("From").fill("2030-01-07")
    starts = page.get_by_role("list", name="Next starts (UTC)").get_by_role("listitem")
    expect(starts.nth(1)).to_contain_text("Jan 21, 2030")
    expect(starts.first).to_contain_text("09:00:00")
    page.get_by_role("button", name="Remove “By the calendar”").click()
    expect(group.get_by_label("Weeks")).to_be_hidden()


def test_the_page_says_when_schedules_start_and_runs_them_now(
    member: Visitor, account: Account
) -> None:
    params = {"every_s": 3600, "timezone": "Europe/Berlin"}
    activated(account, "Hourly", {"type": "schedule", "params": params})
    page = member.page
    page.goto("/triggers")
    expect(page.get_by_text("Every hour", exact=True)).to_be_visible()
    starts = page.get_by_role("list", name="Next starts (Europe/Berlin)").get_by_role("listitem")
    expect(starts).to_have_count(5)
    page.get_by_role("button", name="Run it once now").click()
    page.wait_for_url(re.compile("/executions/"))
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()


def test_a_webhook_with_a_signature_gets_a_test_event(member: Visitor, account: Account) -> None:
    secret = {"name": "Signed", "type": "hmac", "data": {"secret": "not to be seen"}}
    credential = account.call("POST", "/credentials", json=secret).json()["id"]
    path = f"signed-{account.email.partition('@')[0]}"
    params = {"path": path, "authentication": "hmac", "respond": "last_node"}
    activated(account, "Signed", {"type": "webhook", "params": params, "credential_id": credential})
    page = member.page
    page.goto("/triggers")
    page.get_by_role("button", name="Send a test event").click()
    page.get_by_label("Body as JSON").fill('{"order": 7}')
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Answered 200")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text('"order":7')).to_be_visible()


def test_what_a_webhook_refused_is_shown_on_its_card_and_in_its_panel(
    member: Visitor, account: Account
) -> None:
    path = f"refusing-{uuid4().hex}"
    params = {"path": path, "allowed_ips": ["203.0.113.7"]}
    made = activated(account, "Refusing", {"type": "webhook", "params": params})
    assert requests.post(f"{account.url}/hooks/{path}", json={}, timeout=60).status_code == 401
    page = member.page
    for address in ("/triggers", f"/workflows/{made}?node=a"):
        page.goto(address)
        shown = page.get_by_role("status", name="Refused requests")
        expect(shown).to_contain_text("One request was refused.")
        expect(shown).to_contain_text("401: Requests from this address are not accepted here.")
