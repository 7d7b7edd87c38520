"""A node whose type is not installed: the editor shows it, says what to do, and keeps all of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.e2e.test_canvas import arrows, card, draft
from tests.e2e.test_journeys import START, begin, saved, set_node

PARAMS = {"text": "Hello {{ item.name }}", "times": 2}


def hello(**changed: Any) -> dict[str, Any]:
    """A node of a type that nobody has here."""
    known = {"id": "hello", "type": "greet", "version": 3, "name": "Greeting", "params": PARAMS}
    return {**known, "position": {"x": 260, "y": 0}, **changed}


def workflow(node: dict[str, Any]) -> dict[str, Any]:
    """It stands between two others, connected by a port that only its type knows."""
    return {
        "name": "Greets",
        "nodes": [START, node, set_node("end", "End", 2)],
        "connections": [
            {"from": "start", "to": "hello"},
            {"from": "hello", "from_port": "polite", "to": "end"},
        ],
    }


def notice(panel: Locator) -> Locator:
    return panel.get_by_role("status").filter(has_text="type is not installed")


def test_a_node_whose_type_is_not_installed_is_shown_and_kept(
    member: Visitor, account: Account
) -> None:
    workflow_id = begin(account, workflow(hello()))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    shown = card(page, "Greeting")
    expect(shown).to_contain_text("Not installed: greet")
    # The start leads to it, and it to the end, although nobody here knows its port.
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    shown.dblclick()
    panel = page.get_by_role("region", name="Greeting")
    expect(notice(panel)).to_contain_text("Install the plugin that brings the node type greet")
    kept = panel.get_by_role("region", name="Its configuration, kept as it is")
    expect(kept).to_contain_text('"text": "Hello {{ item.name }}"')

    panel.get_by_label("Name of the node").fill("Welcome")
    page.keyboard.press("Enter")
    saved(page)
    document = draft(account, workflow_id)
    node = next(one for one in document["nodes"] if one["id"] == "hello")
    assert (node["params"], node["version"], node["name"]) == (PARAMS, 3, "Welcome")
    assert arrows(document) == {"start>hello", "hello>end"}


def test_a_node_of_a_newer_version_says_which_one_it_needs(
    member: Visitor, account: Account
) -> None:
    workflow_id = begin(account, workflow(hello(type="no_op", version=7)))
    page = member.page
    page.goto(f"/workflows/{workflow_id}?node=hello")
    panel = page.get_by_role("region", name="Greeting")
    expect(notice(panel)).to_contain_text("It needs version 7")
    expect(notice(panel)).to_contain_text("version 1 is installed")
