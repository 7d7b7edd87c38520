"""No screen has serious barriers; every text is translated; what others wrote does not run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import NARROW, WIDE, Visitor, barriers
from tests.e2e.product import PASSWORD, Account, Product
from tests.e2e.screens import prepare

HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "{{constructor.constructor('window.pwned=1')()}}",
]


LOOKS = tuple(itertools.product((WIDE, NARROW), ("light", "dark")))
"""Every size in every theme."""


def shown(visitor: Visitor, screens: dict[str, str]) -> Iterator[str]:
    """Go to each screen in turn; gives its name once it rests."""
    for name, path in screens.items():
        visitor.page.goto(path)
        visitor.rest()
        yield name


def too_wide(visitor: Visitor, size: dict[str, int]) -> int | None:
    """How wide the page is that scrolls sideways at this size."""
    width = int(visitor.page.evaluate("document.documentElement.scrollWidth"))
    return width if width > size["width"] else None


def look_at(
    product: Product, browser: Browser, screens: dict[str, str], look: int, account: Account
) -> dict[str, object]:
    """What is wrong with screens in one look: what axe finds, or how wide they are if too wide."""
    size, theme = LOOKS[look]
    visitor = Visitor(browser, product.url, size=size, color_scheme=theme)
    visitor.sign_in(account.email, PASSWORD)
    found: dict[str, object] = {}
    for name in shown(visitor, screens):
        if complaints := barriers(visitor.page):
            found[name] = complaints
        if width := too_wide(visitor, size):
            found[f"{name} scrolls sideways"] = width
    visitor.close()
    return found


def test_each_screen_has_no_serious_barriers_in_one_look(
    product: Product, browser: Browser
) -> None:
    account = Account(product.url, "barriers@example.com")
    screens = prepare(account, webhook_path="barriers")
    found: dict[str, object] = {}
    for look in range(len(LOOKS)):
        # Neighbours in the list are alike: each of them has another look.
        chosen = dict(itertools.islice(screens.items(), look, None, len(LOOKS)))
        found |= look_at(product, browser, chosen, look, account)
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("look", range(len(LOOKS)))
def test_no_screen_has_serious_barriers_in_any_look(
    product: Product, browser: Browser, look: int
) -> None:
    account = Account(product.url, f"barriers-{look}@example.com")
    screens = prepare(account, webhook_path=f"barriers-{look}")
    assert look_at(product, browser, screens, look, account) == {}


def test_narrow_screens_do_not_scroll_sideways(product: Product, browser: Browser) -> None:
    account = Account(product.url, "narrow@example.com")
    screens = prepare(account, webhook_path="narrow")
    visitor = Visitor(browser, product.url, size=NARROW)
    visitor.sign_in(account.email, PASSWORD)
    wide = []
    for name in shown(visitor, screens):
        if width := too_wide(visitor, NARROW):
            wide.append((name, width))
        if name.startswith("settings-"):
            wide += [(name, button) for button in buttons_out_of_sight(visitor)]
    visitor.close()
    assert wide == []


def buttons_out_of_sight(visitor: Visitor) -> list[str]:
    """The buttons of tables' rows that are reached by scrolling sideways only."""
    found: list[str] = visitor.page.evaluate(
        """() => [...document.querySelectorAll("tbody button")]
          .filter((one) => one.getBoundingClientRect().right > innerWidth)
          .map((one) => one.getAttribute("aria-label") ?? one.textContent)"""
    )
    return found


def test_every_text_of_the_shell_is_translated(member: Visitor) -> None:
    page = member.page
    page.evaluate("localStorage.setItem('treadle.locale', 'pseudo')")
    for path in ("/workflows", "/executions", "/triggers", "/credentials", "/settings/account"):
        page.goto(path)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text("[")
        for link in page.get_by_role("navigation").first.get_by_role("link").all():
            assert "[" in (link.text_content() or "")


def test_german_is_german(member: Visitor) -> None:
    page = member.page
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Deutsch").click()
    expect(page.get_by_role("link", name="Ausführungen")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"


def test_what_others_wrote_runs_nowhere(member: Visitor, account: Account) -> None:
    fields: dict[str, Any] = {f"field{at}": text for at, text in enumerate(HOSTILE[:4])}
    nodes = [
        {"id": "start", "type": "manual", "name": HOSTILE[0], "notes": HOSTILE[1]},
        {"id": "data", "type": "set", "name": HOSTILE[1], "params": {"fields": fields}},
        {
            "id": "stop",
            "type": "stop_and_error",
            "name": HOSTILE[2],
            "params": {"message": HOSTILE[1]},
        },
    ]
    document = {
        "name": HOSTILE[0],
        "nodes": nodes,
        "connections": [{"from": "start", "to": "data"}, {"from": "data", "to": "stop"}],
        "sticky_notes": [
            {"id": "n", "text": HOSTILE[1], "x": 0, "y": -150, "width": 200, "height": 100}
        ],
    }
    made = account.call("POST", "/workflow-drafts", json={"name": HOSTILE[0], "document": document})
    workflow_id = made.json()["workflow_id"]
    run = {"source": "draft", "wait": 10}
    execution = account.call("POST", f"/workflows/{workflow_id}/run", json=run).json()
    account.call(
        "POST",
        "/credentials",
        json={"name": HOSTILE[1], "type": "http_bearer", "data": {"token": "t" * 8}},
    )
    page = member.page
    for path in (
        "/workflows",
        f"/workflows/{workflow_id}",
        f"/workflows/{workflow_id}?node=data",
        f"/executions/{execution['id']}?node=data",
        "/executions",
        "/credentials",
        "/settings/audit-log",
    ):
        page.goto(path)
        member.rest()
        assert page.evaluate("window.pwned") is None, path
    # And what a workflow answers has no rights of the app's origin.
    answer = account.call("GET", "/me")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
