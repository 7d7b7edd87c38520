"""One bad item among others, and nodes that give none, as the app shows and sets them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.waiting import until

HALVES = {
    "name": "Halves",
    "nodes": [
        {"id": "m", "type": "manual", "params": {}},
        {
            "id": "half",
            "type": "set",
            "params": {"fields": {"half": "{{ 6 / item.x }}"}},
            "on_error": "error_port",
        },
    ],
    "connections": [{"from": "m", "to": "half"}],
}


def test_a_bad_item_is_named_and_shown_among_those_that_came_in(
    member: Visitor, account: Account
) -> None:
    made = account.call("POST", "/workflows", json=HALVES).json()["id"]
    items = {"items": [{"x": 1}, {"x": 0}, {"x": 2}], "wait": 60}
    done = account.call("POST", f"/workflows/{made}/run", json=items).json()
    assert done["status"] == "succeeded"
    page = member.page
    page.goto(f"/executions/{done['id']}?node=half")
    failed = page.get_by_role("region", name="1 item failed")
    expect(failed).to_contain_text("parameter fields")
    failed.get_by_role("button", name="Item 1").click()
    expect(page.get_by_role("tab", name="Input")).to_have_attribute("data-state", "active")
    bad = page.get_by_role("row").filter(has=page.get_by_role("img", name="Failed:"))
    expect(bad).to_have_count(1)
    expect(bad).to_have_attribute("aria-rowindex", "3")


def test_what_happens_without_items_is_a_setting_of_every_node(
    member: Visitor, account: Account
) -> None:
    body = {"name": "None", "document": {**HALVES, "name": "None"}}
    made = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    page = member.page
    page.goto(f"/workflows/{made}?node=half")
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("When it gives no items").select_option("one_empty_item")

    def kept() -> bool:
        draft = account.call("GET", f"/workflows/{made}/draft").json()
        return draft["document"]["nodes"][1].get("if_empty") == "one_empty_item"

    expect(page.get_by_label("When it gives no items")).to_have_value("one_empty_item")
    until(kept, "the draft with the setting")
