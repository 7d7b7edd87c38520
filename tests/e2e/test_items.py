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


LINES = {
    "name": "Lines",
    "nodes": [
        {"id": "m", "type": "manual", "params": {}},
        {"id": "split", "name": "Each line", "type": "split_out", "params": {"field": "lines"}},
        {"id": "large", "type": "filter", "params": {"condition": "item.n > 1"}},
        {
            "id": "name",
            "type": "set",
            "params": {"fields": {"order": "{{ nodes.m.item.id }}"}, "keep": True},
        },
    ],
    "connections": [
        {"from": "m", "to": "split"},
        {"from": "split", "to": "large"},
        {"from": "large", "from_port": "kept", "to": "name"},
    ],
}
ORDERS = [{"id": 7, "lines": [{"n": 1}, {"n": 2}]}, {"id": 8, "lines": [{"n": 3}]}]


def test_an_item_leads_to_the_ones_that_it_came_from(member: Visitor, account: Account) -> None:
    made = account.call("POST", "/workflows", json=LINES).json()["id"]
    wish = {"items": ORDERS, "wait": 60}
    done = account.call("POST", f"/workflows/{made}/run", json=wish).json()
    assert done["output"] == [{"n": 2, "order": 7}, {"n": 3, "order": 8}]
    page = member.page
    page.goto(f"/executions/{done['id']}?node=name")
    page.get_by_role("button", name="Where item 1 came from").click()
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem")).to_have_text(
        ["large · Item 1 · kept", "Each line · Item 2", "m · Item 1"]
    )
    menu.get_by_role("menuitem", name="Each line").click()
    expect(page.get_by_role("heading", name="Each line")).to_be_visible()
    shown = page.get_by_role("region", name="Output").get_by_role("row")
    expect(shown.filter(has_text="3")).to_have_class("outline-2 -outline-offset-2 outline-accent")
    page.get_by_role("button", name="Where item 2 came from").click()
    page.get_by_role("menuitem", name="m · Item 1").click()
    expect(page.get_by_role("heading", name="m", exact=True)).to_be_visible()
    page.get_by_role("button", name="Where item 0 came from").click()
    expect(page.get_by_role("menu")).to_contain_text("It came with what started the execution.")


def test_the_preview_of_an_expression_takes_the_item_that_its_own_came_from(
    member: Visitor, account: Account
) -> None:
    made = account.call("POST", "/workflows", json=LINES).json()["id"]
    one = {"items": [{"id": 5, "lines": [{"n": 0}]}, *ORDERS[1:]], "wait": 60}
    done = account.call("POST", f"/workflows/{made}/run", json=one).json()
    assert done["output"] == [{"n": 3, "order": 8}]
    page = member.page
    page.goto(f"/workflows/{made}?node=name")
    # The first order has the id 5, but what came into this node is of the second.
    expect(page.get_by_role("status").filter(has_text="= 8")).to_be_visible()
