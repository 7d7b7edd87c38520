"""Lists show what happens without being asked for, and ask for nothing while nothing happens."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, Request, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.waiting import until

KEEP_EVENTS = """
window.told = [];
const Before = window.EventSource;
window.EventSource = class extends Before {
  constructor(...given) {
    super(...given);
    this.addEventListener("changed", (event) => window.told.push(...JSON.parse(event.data).kinds));
  }
};
"""
LONG_MS = 600_000
MARK = "/healthz"
READ_FOR = {
    "/executions": {"executions"},
    "/triggers": {"executions", "triggers"},
    "/billing/subscription": {"billing"},
    "/billing/alerts": {"billing"},
}
"""The kinds of changes for which a page asks for each."""


class Requests:
    """What a page asks of the server, in its order; its event streams left out."""

    def __init__(self, page: Page) -> None:
        self.paths: list[str] = []
        self._open: set[Request] = set()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        self._page = page

    def _began(self, request: Request) -> None:
        if self._counts(request):
            self._open.add(request)
            self.paths.append(request.url.partition("?")[0].partition("/api/v1")[2] or MARK)

    def _ended(self, request: Request) -> None:
        # What the page before had asked for may end now.
        self._open.discard(request)

    @staticmethod
    def _counts(request: Request) -> bool:
        is_ours = "/api/v1/" in request.url or request.url.endswith(MARK)
        return is_ours and "/changes" not in request.url

    def settle(self) -> None:
        """Wait until what the page asks for at the beginning is answered, and begin to count."""
        until(
            lambda: self._page.evaluate("window.told.length") and not self._open,
            lambda: f"{len(self._open)} open of {self.paths}",
        )
        self._page.evaluate("window.told.length = 0")
        self.paths.clear()

    def mark(self) -> list[str]:
        """Put a mark behind what was asked for so far; returns the kinds that were told so far."""
        script = "path => { const told = [...window.told]; return fetch(path).then(() => told); }"
        told: list[str] = self._page.evaluate(script, MARK)
        return told

    def unexplained(self, paths: list[str], told: list[str]) -> list[str]:
        """What was asked for although nothing told the page to, or more often than told."""
        return [
            path
            for path in paths
            # What was being read already is read once more.
            if paths.count(path) > 2 * sum(told.count(kind) for kind in READ_FOR.get(path, ()))
        ]


def hooked(account: Account, **params: Any) -> tuple[str, str]:
    path = f"lists-{uuid4().hex}"
    nodes = [{"id": "hook", "type": "webhook", "params": {"path": path, **params}}]
    workflow = {"name": f"Orders {path[-4:]}", "nodes": nodes}
    made = account.call("POST", "/workflows", json=workflow).json()["id"]
    account.call("POST", f"/workflows/{made}/activate")
    return str(workflow["name"]), path


def send(account: Account, path: str) -> int:
    return requests.post(f"{account.url}/hooks/{path}", json={"n": 1}, timeout=60).status_code


def test_executions_come_and_change_before_ones_eyes(member: Visitor, account: Account) -> None:
    nodes = [
        {"id": "start", "type": "manual"},
        {"id": "call", "type": "wait", "params": {"callback": True}},
    ]
    workflow = {"name": "Patient", "nodes": nodes, "connections": [{"from": "start", "to": "call"}]}
    made = account.call("POST", "/workflows", json=workflow).json()["id"]
    page = member.page
    page.goto("/executions")
    expect(page.get_by_text("Nothing has run yet")).to_be_visible()
    started = account.call("POST", f"/workflows/{made}/run", json={"items": [{}]}).json()
    row = page.get_by_role("row").filter(has_text="Patient")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Waiting")
    account.call("POST", f"/executions/{started['execution_id']}/cancel")
    expect(row).to_contain_text("Cancelled")
    account.call("DELETE", f"/executions/{started['execution_id']}")
    expect(row).to_have_count(0)


def test_triggers_come_and_change_before_ones_eyes(member: Visitor, account: Account) -> None:
    page = member.page
    page.goto("/triggers")
    expect(page.get_by_text("No trigger yet")).to_be_visible()
    _name, path = hooked(account, method="PUT")
    expect(page.get_by_role("list", name="Triggers")).to_contain_text(path)
    assert send(account, path) == 405
    expect(page.get_by_role("status", name="Refused requests")).to_contain_text("405")


@pytest.mark.parametrize("shown", ["executions", "triggers"])
def test_while_nothing_happens_a_page_asks_for_nothing(
    member: Visitor, account: Account, shown: str
) -> None:
    name, path = hooked(account)
    page = member.page
    page.add_init_script(KEEP_EVENTS)
    page.clock.install()
    asked = Requests(page)
    page.goto(f"/{shown}")
    expect(page.get_by_role("heading", name=shown.capitalize())).to_be_visible()
    asked.settle()
    page.clock.run_for(LONG_MS)
    told = asked.mark()
    if shown == "executions":
        assert send(account, path) == 202
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Succeeded")
    else:
        assert requests.put(f"{account.url}/hooks/{path}", timeout=60).status_code == 405
        expect(page.get_by_role("status", name="Refused requests")).to_contain_text("405")
    before, after = _parted(asked.paths)
    assert asked.unexplained(before, told) == []
    assert f"/{shown}" in after
    assert asked.unexplained(after, page.evaluate("window.told")) == []


def _parted(paths: list[str]) -> tuple[list[str], list[str]]:
    place = paths.index(MARK)
    return paths[:place], paths[place + 1 :]
