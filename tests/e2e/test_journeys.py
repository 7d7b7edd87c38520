"""What people come for, from beginning to end, as they do it."""

from __future__ import annotations

import re
from itertools import count, pairwise
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD, Account, Product

NEWCOMERS = count(1)
MOST_CLICKS = 12


def begin(account: Account, document: dict[str, Any]) -> str:
    """Make a draft by the API; returns its workflow's id."""
    body = {"name": document["name"], "document": document}
    found: str = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    return found


def saved(page: Page) -> None:
    """Wait until the editor says that all is saved."""
    expect(page.get_by_role("status").filter(has_text=re.compile("^Saved")).first).to_be_visible()


def add(page: Page, name: str) -> None:
    """Add a node from the palette that is open."""
    page.get_by_placeholder("Search nodes…").fill(name)
    page.get_by_role("option").filter(has_text=name).first.click()


def flow(*nodes: dict[str, Any], name: str = "Flow") -> dict[str, Any]:
    """A document of nodes in a row."""
    pairs = pairwise(nodes)
    return {
        "name": name,
        "nodes": list(nodes),
        "connections": [{"from": one["id"], "to": other["id"]} for one, other in pairs],
    }


START = {"id": "start", "type": "manual", "name": "Start", "position": {"x": 0, "y": 0}}


def set_node(node_id: str, name: str, at: int, **fields: Any) -> dict[str, Any]:
    position = {"x": 260 * at, "y": 0}
    params = {"fields": fields, "keep": True}
    return {"id": node_id, "type": "set", "name": name, "params": params, "position": position}


def test_from_sign_up_to_the_first_green_run(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(
        "addEventListener('click', (event) => { if (event.isTrusted) sessionStorage.clicks ="
        " Number(sessionStorage.clicks || 0) + 1 }, true)"
    )
    page.goto("/signup")
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("E-mail address").fill(f"grace{next(NEWCOMERS)}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("button", name="Use it: First steps").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible()
    assert int(page.evaluate("sessionStorage.clicks")) <= MOST_CLICKS
    page.locator(".react-flow__node").filter(has_text="Greet").dblclick()
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("cell", name="Hello Ada, born in 1815!")).to_be_visible()


def test_a_template_is_found_and_run_at_once(member: Visitor) -> None:
    page = member.page
    steps = page.get_by_role("list", name="First steps").get_by_role("listitem")
    expect(steps).to_have_count(4)
    page.get_by_role("link", name="Begin with a template").click()
    cards = page.get_by_role("list", name="Templates").get_by_role("listitem")
    expect(cards).to_have_count(14)
    page.get_by_role("button", name="Webhooks").click()
    expect(cards.filter(has_text="First steps")).to_have_count(0)
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Search templates").fill("greeting name")
    expect(cards).to_have_count(1)
    page.get_by_role("button", name="Use and run: First steps").click()
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible()
    page.goto("/workflows")
    expect(steps.filter(has=page.get_by_label("Done:"))).to_have_count(2)
    page.get_by_role("button", name="Put this list away").click()
    page.reload()
    expect(page.get_by_role("list", name="Workflows").get_by_role("listitem")).to_have_count(1)
    expect(steps).to_have_count(0)


def test_a_workflow_is_drawn_by_mouse(member: Visitor) -> None:
    page = member.page
    page.get_by_role("button", name="New workflow").click()
    page.get_by_label("Name", exact=False).first.fill("Drawn")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Add the first node").click()
    add(page, "Started by hand")
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator(".react-flow__node").filter(has_text="Started by hand").click()
    page.get_by_role("button", name="Add a node").click()
    add(page, "Set fields")
    panel = page.get_by_role("region", name="Node Set fields")
    panel.get_by_role("textbox", name="Value of label").fill("made by mouse")
    saved(page)
    panel.get_by_role("button", name="Run node").click()
    panel.get_by_role("tab", name="Output").click()
    expect(panel.get_by_text("made by mouse").last).to_be_visible()
    # What is connected is drawn, and what is undone is gone.
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    panel.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_the_same_by_keyboard_alone(member: Visitor) -> None:
    page = member.page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Type a command or search…").fill("New workflow")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_label("Name", exact=False).first.press_sequentially("Typed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Name of the workflow")).to_have_value("Typed")
    page.keyboard.press("o")
    page.get_by_role("main").get_by_role("button", name="Add a node").last.focus()
    page.keyboard.press("Enter")
    page.get_by_placeholder("Search nodes…").press_sequentially("Started by hand")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    actions = page.get_by_role("button", name="Actions for Started by hand")
    actions.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Add a node after it").focus()
    page.keyboard.press("Enter")
    page.get_by_placeholder("Search nodes…").press_sequentially("Do nothing")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("list", name="Outline").get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()


def test_what_is_broken_says_where_and_is_mended(member: Visitor, account: Account) -> None:
    broken = {"id": "check", "type": "if", "name": "Check", "params": {"condition": "item.total >"}}
    workflow_id = begin(account, flow(START, {**broken, "position": {"x": 260, "y": 0}}))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    expect(page.get_by_role("img", name="1 problem")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    dialog.get_by_role("button", name="Check").click()
    field = page.get_by_role("textbox", name="Condition")
    field.fill("1 > 0")
    expect(page.get_by_text("= true")).to_be_visible()
    expect(page.get_by_role("img", name="1 problem")).to_have_count(0)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible()


def test_python_is_edited_checked_and_tried(member: Visitor, account: Account) -> None:
    code = "def run(items):\n    return [{'n': 1}]\n"
    python = {"id": "py", "type": "python", "name": "Count", "params": {"code": code}}
    workflow_id = begin(account, flow(START, {**python, "position": {"x": 260, "y": 0}}))
    page = member.page
    page.goto(f"/workflows/{workflow_id}?node=py")
    editor = page.get_by_role("textbox", name="Code")
    editor.fill("def run(items):\n    return [{'n': 1 +}]\n")
    expect(page.locator(".cm-lintRange-error")).to_be_visible()
    editor.fill("def run(items):\n    print('counting')\n    return [{'n': 6 * 7}]\n")
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)
    page.get_by_role("button", name="Try it").click()
    result = page.get_by_role("region", name="Result of the try")
    expect(result.get_by_role("cell", name="42")).to_be_visible()
    expect(result.get_by_text("counting")).to_be_visible()
    editor.fill("def run(items):\n    return [{'n': 1 / 0}]\n")
    page.get_by_role("button", name="Try it").click()
    expect(result.get_by_text("ZeroDivisionError")).to_be_visible()
    # What it prints is shown while it runs, and it can be ended.
    editor.fill(
        "import time\n\ndef run(items):\n    print('so far', flush=True)\n    time.sleep(25)\n"
    )
    page.get_by_role("button", name="Try it").click()
    expect(result.get_by_text("so far")).to_be_visible()
    expect(page.get_by_text("Running…")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Running…")).to_have_count(0)


def test_a_failed_execution_is_retried_from_its_failed_node(
    member: Visitor, account: Account
) -> None:
    stop = {
        "id": "stop",
        "type": "stop_and_error",
        "name": "Gate",
        "params": {"message": "Not yet"},
    }
    document = flow(
        START, set_node("first", "First", 1, a=1), {**stop, "position": {"x": 520, "y": 0}}
    )
    workflow_id = begin(account, document)
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Failed", exact=True)).to_be_visible()
    page.get_by_role("link", name="Show the execution").click()
    expect(page.get_by_role("alert").filter(has_text="Not yet").first).to_be_visible()
    failed_at = page.url
    # Mended in the draft, it goes on where it failed.
    document["nodes"][2] = {**stop, "type": "no_op", "params": {}, "position": {"x": 520, "y": 0}}
    account.call("PUT", f"/workflows/{workflow_id}/draft", json={"document": document})
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("menuitem", name="From what failed, with the draft").click()
    page.wait_for_url(lambda url: "/executions/" in url and url != failed_at)
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()


def test_an_earlier_version_is_restored(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, set_node("a", "Before", 1, a=1)))
    account.call("POST", f"/workflows/{workflow_id}/publish", json={"message": "As it was"})
    page = member.page
    page.goto(f"/workflows/{workflow_id}?node=a")
    name = page.get_by_role("textbox", name="Name of the node")
    name.fill("After")
    name.press("Enter")
    saved(page)
    page.get_by_role("button", name="Versions").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="Differences")).to_contain_text("Before")
    expect(dialog.get_by_role("region", name="Differences")).to_contain_text("After")
    dialog.get_by_role("tab", name="On the canvas").click()
    changed = dialog.locator(".react-flow__node").filter(has_text="After")
    expect(changed).to_contain_text("changed")
    dialog.get_by_role("button", name="Make version 1 the draft").click()
    expect(page.locator(".react-flow__node").filter(has_text="Before")).to_be_visible()


def test_the_second_of_two_tabs_overwrites_nothing(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, name="Shared"))
    first, second = member.page, member.tab()
    for page in (first, second):
        page.goto(f"/workflows/{workflow_id}")
        expect(page.get_by_role("textbox", name="Name of the workflow")).to_have_value("Shared")
    first.get_by_role("textbox", name="Name of the workflow").fill("Of the first")
    saved(first)
    second.get_by_role("textbox", name="Name of the workflow").fill("Of the second")
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("saved this draft meanwhile")
    draft = account.call("GET", f"/workflows/{workflow_id}/draft").json()
    assert draft["document"]["name"] == "Of the first"
    # What saving mine would undo is shown first.
    alert.get_by_role("button", name="Compare and decide").click()
    dialog = second.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="Differences")).to_contain_text("Of the first")
    second.keyboard.press("Escape")
    alert.get_by_role("button", name="Load theirs").click()
    expect(second.get_by_role("textbox", name="Name of the workflow")).to_have_value("Of the first")


def test_mine_is_saved_over_theirs_once_it_is_said(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, name="Shared"))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    name = page.get_by_role("textbox", name="Name of the workflow")
    expect(name).to_have_value("Shared")
    theirs = flow(START, name="Theirs")
    account.call("PUT", f"/workflows/{workflow_id}/draft", json={"document": theirs})
    name.fill("Mine")
    page.get_by_role("alert").get_by_role("button", name="Compare and decide").click()
    page.get_by_role("dialog").get_by_role("button", name="Save mine over it").click()
    saved(page)
    draft = account.call("GET", f"/workflows/{workflow_id}/draft").json()
    assert draft["document"]["name"] == "Mine"


def test_a_draft_that_is_refused_says_why(member: Visitor, account: Account) -> None:
    workflow_id = begin(account, flow(START, name="Refused"))
    page = member.page
    page.goto(f"/workflows/{workflow_id}")
    name = page.get_by_role("textbox", name="Name of the workflow")
    expect(name).to_have_value("Refused")
    # A proxy in between that takes no large bodies, say.
    body = '{"title": "Content Too Large", "status": 413, "detail": "At most 1 MB."}'
    draft = f"**/workflows/{workflow_id}/draft"
    page.route(draft, lambda route: route.fulfill(status=413, body=body))
    name.fill("Large")
    expect(page.get_by_role("alert")).to_contain_text("The server does not take this draft")
    expect(page.get_by_role("alert")).to_contain_text("At most 1 MB.")
    page.unroute(draft)
    name.fill("Mended")
    saved(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nodes_are_copied_to_another_tab(
    product: Product, browser: Browser, account: Account
) -> None:
    grants = ["clipboard-read", "clipboard-write"]
    visitor = Visitor(browser, product.url, permissions=grants)
    visitor.sign_in(account.email, PASSWORD)
    ids = [
        begin(account, flow(START, set_node("a", "Copied", 1, a=1))),
        begin(account, flow(START)),
    ]
    page = visitor.page
    page.goto(f"/workflows/{ids[0]}")
    page.locator(".react-flow__node").filter(has_text="Copied").click()
    page.keyboard.press("Control+c")
    other = visitor.tab()
    other.goto(f"/workflows/{ids[1]}")
    expect(other.locator(".react-flow__node").filter(has_text="Start")).to_be_visible()
    other.locator(".react-flow__pane").click(position={"x": 10, "y": 10})
    other.keyboard.press("Control+v")
    expect(other.locator(".react-flow__node").filter(has_text="Copied")).to_be_visible()
    visitor.close()


def test_a_webhook_gets_a_test_event(member: Visitor, account: Account) -> None:
    hook = {
        "id": "hook",
        "type": "webhook",
        "name": "Orders",
        "params": {"path": f"e2e-{account.email.split('@')[0]}", "respond": "last_node"},
    }
    document = flow(hook, set_node("echo", "Echo", 1, got="{{ item.body.hello }}"))
    workflow_id = begin(account, document)
    account.call("POST", f"/workflows/{workflow_id}/publish", json={"activate": True})
    page = member.page
    page.goto("/triggers")
    page.get_by_role("button", name="Send a test event").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_text("Answered 200")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile("Last event"))).to_be_visible()
