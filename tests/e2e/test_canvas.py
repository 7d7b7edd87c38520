"""What the canvas offers beside drawing: its menu, aligning, mending connections, pins."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.e2e.test_journeys import START, begin, flow, saved, set_node


def card(page: Page, name: str) -> Locator:
    return page.locator(".react-flow__node").filter(has_text=name)


def draft(account: Account, workflow_id: str) -> dict[str, Any]:
    found: dict[str, Any] = account.call("GET", f"/workflows/{workflow_id}/draft").json()
    return dict(found["document"])


def arrows(document: dict[str, Any]) -> set[str]:
    return {f"{one['from']}>{one['to']}" for one in document["connections"]}


def test_the_menu_of_a_node_by_mouse_and_by_keyboard(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, set_node("a", "Middle", 1), set_node("b", "End", 2)))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    card(page, "Middle").click(button="right")
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(card(page, "Middle")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    card(page, "Middle").focus()
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Disable").click()
    expect(page.get_by_role("img", name="Disabled")).to_be_visible()
    # What came in and went out are connected when the node between them goes.
    card(page, "Middle").click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    expect(card(page, "Middle")).to_have_count(0)
    saved(page)
    assert arrows(draft(account, workflow_id)) == {"start>b"}


def test_chosen_nodes_are_aligned(member: Visitor, account: Account) -> None:
    low = {**set_node("a", "Low", 1), "position": {"x": 260, "y": 300}}
    workflow_id = begin(account, flow(START, low))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    expect(card(page, "Low")).to_be_visible()
    page.keyboard.press("Control+a")
    card(page, "Low").click(button="right")
    page.get_by_role("menuitem", name="Align at the top").click()
    saved(page)
    assert {node["position"]["y"] for node in draft(account, workflow_id)["nodes"]} == {0}


def test_p_pins_what_a_node_gave_last(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, set_node("a", "Pinned", 1, n=7)))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible()
    card(page, "Pinned").click()
    page.keyboard.press("p")
    expect(page.get_by_role("img", name="Its output is pinned")).to_be_visible()
    saved(page)
    (pinned,) = [one["pinned"] for one in draft(account, workflow_id)["nodes"] if one["id"] == "a"]
    assert [one["n"] for one in pinned] == [7]
    page.keyboard.press("p")
    expect(page.get_by_role("img", name="Its output is pinned")).to_have_count(0)


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_node_is_dropped_onto_a_connection(member: Visitor, account: Account) -> None:
    document = flow(START, {**set_node("b", "End", 3), "position": {"x": 900, "y": 0}})
    loose = {**set_node("loose", "Loose", 1), "position": {"x": 400, "y": 300}}
    document["nodes"].append(loose)
    workflow_id = begin(account, document)
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    (x, y), line = middle(card(page, "Loose")), middle(page.locator(".react-flow__edge"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*line, steps=8)
    page.mouse.up()
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    saved(page)
    assert arrows(draft(account, workflow_id)) == {"start>loose", "loose>b"}


def test_a_node_is_added_before_another_by_dragging_back(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow({**set_node("b", "End", 0), "position": {"x": 0, "y": 0}}))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    x, y = middle(card(page, "End").locator(".react-flow__handle.target"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 200, y + 120, steps=8)
    page.mouse.up()
    page.get_by_placeholder("Search nodes…").fill("Started by hand")
    page.get_by_role("option").filter(has_text="Started by hand").first.click()
    saved(page)
    assert arrows(draft(account, workflow_id)) == {"manual>b"}
