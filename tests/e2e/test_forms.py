"""Forms that know the world: lists, locators, options that are added, credentials by place."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.ai.chat_service import ChatService
from tests.e2e.browser import NARROW, WIDE, Visitor
from tests.e2e.product import Account
from tests.e2e.test_journeys import START, begin, flow, saved

SCREENS = os.environ.get("TREADLE_SCREENS")


def picture(page: Page, name: str) -> None:
    """Keep a picture, wide and narrow, light and dark, where somebody wants to look."""
    if not SCREENS:
        return
    for kind, size in (("1440", WIDE), ("390", NARROW)):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            path = Path(SCREENS) / f"forms-{name}-{kind}-{scheme}.png"
            page.screenshot(path=path, animations="disabled")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def choose(page: Page, panel: Locator, name: str, typed: str, option: str) -> None:
    """Choose from a list of options by typing a part of what is wanted."""
    panel.get_by_role("combobox", name=name, exact=True).click()
    page.get_by_placeholder("Search the list").fill(typed)
    page.get_by_role("option", name=option).click()


def opened(page: Page, workflow: str, node: str, title: str) -> Locator:
    page.goto(f"/workflows/{workflow}?node={node}")
    return page.get_by_role("region", name=f"Node {title}")


def kept(account: Account, workflow: str, at: int) -> dict[str, object]:
    """A node of the draft as it was saved."""
    document = account.call("GET", f"/workflows/{workflow}/draft").json()["document"]
    node: dict[str, object] = document["nodes"][at]
    return node


def node(node_id: str, kind: str, **params: object) -> dict[str, object]:
    return {"id": node_id, "type": kind, "params": params, "position": {"x": 260, "y": 0}}


def test_a_time_zone_is_searched_chosen_and_taken_back(member: Visitor, account: Account) -> None:
    page = member.page
    every = {**node("tick", "schedule", cron="0 9 * * *"), "position": {"x": 0, "y": 0}}
    workflow = begin(account, flow(every, node("end", "no_op"), name="Mornings"))
    panel = opened(page, workflow, "tick", "Schedule")
    choose(page, panel, "Time zone", "new york", "America/New_York")
    saved(page)
    assert kept(account, workflow, 0)["params"] == {
        "cron": "0 9 * * *",
        "timezone": "America/New_York",
    }
    panel.get_by_role("combobox", name="Time zone").click()
    picture(page, "time-zones")
    page.get_by_role("option", name="not set").click()
    saved(page)
    assert kept(account, workflow, 0)["params"] == {"cron": "0 9 * * *"}


def test_a_list_follows_the_field_that_it_depends_on(
    member: Visitor, account: Account, chat: ChatService
) -> None:
    page = member.page
    workflow = begin(account, flow(START, node("ask", "ai_chat", prompt="Hello"), name="Asks"))
    panel = opened(page, workflow, "ask", "AI chat")
    panel.get_by_role("combobox", name="Model").click()
    expect(page.get_by_role("option", name="small")).to_be_hidden()
    page.keyboard.press("Escape")
    panel.get_by_role("textbox", name="Address of the service").fill(chat.base_url)
    saved(page)
    choose(page, panel, "Model", "smal", "small")
    saved(page)
    assert kept(account, workflow, 1)["params"] == {
        "prompt": "Hello",
        "base_url": chat.base_url,
        "model": "small",
    }


def test_a_workflow_is_named_by_the_list_its_address_and_an_expression(
    member: Visitor, account: Account
) -> None:
    page = member.page
    called = begin(account, flow(START, name="Ship the order"))
    workflow = begin(account, flow(START, node("call", "execute_workflow"), name="Calls"))
    panel = opened(page, workflow, "call", "Execute workflow")
    expect(panel.get_by_role("group", name="Workflow").get_by_role("alert")).to_be_visible()
    choose(page, panel, "Workflow", "ship", "Ship the order")
    saved(page)
    by_list = {"by": "list", "value": called, "label": "Ship the order"}
    assert kept(account, workflow, 1)["params"] == {"workflow_id": by_list}
    page.reload()
    expect(panel.get_by_role("combobox", name="Workflow", exact=True)).to_contain_text(
        "Ship the order"
    )
    picture(page, "locator-list")
    way = panel.get_by_role("combobox", name="How “Workflow” is named")
    way.select_option(label="By id")
    expect(panel.get_by_role("textbox", name="Workflow", exact=True)).to_have_value(called)
    way.select_option(label="By address")
    address = panel.get_by_role("textbox", name="Workflow", exact=True)
    expect(address).to_have_attribute("placeholder", re.compile("/workflows/"))
    address.fill("https://elsewhere.example/orders")
    saved(page)
    expect(panel.get_by_text("is no such address")).to_be_visible()
    picture(page, "locator-refused")
    way.select_option(label="By expression")
    panel.get_by_role("textbox", name="Workflow", exact=True).fill("{{ item.workflow }}")
    saved(page)
    by_expression = {"by": "expression", "value": "{{ item.workflow }}"}
    assert kept(account, workflow, 1)["params"] == {"workflow_id": by_expression}


def test_an_option_is_added_from_the_collection_and_taken_away(
    member: Visitor, account: Account
) -> None:
    page = member.page
    asks = node("ask", "http_request", url="https://api.example.com/", verify_tls=False)
    workflow = begin(account, flow(START, asks, name="Asks"))
    panel = opened(page, workflow, "ask", "HTTP request")
    options = panel.get_by_role("group", name="Options")
    expect(options.get_by_role("switch", name="Check certificates")).to_be_visible()
    expect(options.get_by_text("Time limit")).to_be_hidden()
    options.get_by_role("button", name="Add option").click()
    picture(page, "collection-menu")
    page.get_by_role("menuitem", name="Redirects to follow").click()
    options.get_by_role("spinbutton", name="Redirects to follow").fill("0")
    saved(page)
    picture(page, "collection")
    given = {"url": "https://api.example.com/", "verify_tls": False}
    assert kept(account, workflow, 1)["params"] == {**given, "follow_redirects": 0}
    options.get_by_role("button", name="Remove “Redirects to follow”").click()
    expect(options.get_by_role("spinbutton", name="Redirects to follow")).to_be_hidden()
    saved(page)
    assert kept(account, workflow, 1)["params"] == given


def test_each_place_of_a_node_gets_a_credential_of_its_own(
    member: Visitor, account: Account
) -> None:
    page = member.page
    data = {"Token": {"token": "t-4711"}, "Gateway": {"name": "X-Gateway", "value": "g-0815"}}
    kinds = {"Token": "http_bearer", "Gateway": "http_header"}
    ids = {
        name: account.call(
            "POST",
            "/credentials",
            json={
                "name": name,
                "type": kinds[name],
                "data": data[name],
                "allowed_hosts": ["api.example.com"],
            },
        ).json()["id"]
        for name in data
    }
    asks = node("ask", "http_request", url="https://api.example.com/")
    workflow = begin(account, flow(START, asks, name="Asks with two"))
    panel = opened(page, workflow, "ask", "HTTP request")
    panel.get_by_label("Credential", exact=True).select_option(label="Token")
    saved(page)
    assert kept(account, workflow, 1)["credential_id"] == ids["Token"]
    panel.get_by_role("button", name="Set “Second credential”").click()
    panel.get_by_label("Second credential", exact=True).select_option(label="Gateway")
    saved(page)
    both = {"account": ids["Token"], "second": ids["Gateway"]}
    assert kept(account, workflow, 1)["credentials"] == both
    assert "t-4711" not in json.dumps(kept(account, workflow, 1))
    picture(page, "two-credentials")
    page.goto("/credentials")
    expect(page.get_by_text("Used by one workflow")).to_have_count(2)
