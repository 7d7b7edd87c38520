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

COUNT_EVENTS = """
window.told = 0;
const Before = window.EventSource;
window.EventSource = class extends Before {
  constructor(...given) {
    super(...given);
    this.addEventListener("changed", () => { window.told += 1; });
  }
};
"""
AT_THE_BEGINNING = 2
"""Events of a workspace that nobody followed before: at once, and once all processes know."""
LONG_MS = 600_000
MARK = "/healthz"


class Requests:
    """What a page asks of the server, in its order; its event streams left out."""

    def __init__(self, page: Page) -> None:
        self.paths: list[str] = []
        self._open = 0
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        self._page = page

    def _began(self, request: Request) -> None:
        if self._counts(request):
            self._open += 1
            self.paths.append(request.url.partition("?")[0].partition("/api/v1")[2] or MARK)

    def _ended(self, request: Request) -> None:
        if self._counts(request):
            self._open -= 1

    @staticmethod
    def _counts(request: Request) -> bool:
        is_ours = "/api/v1/" in request.url or request.url.endswith(MARK)
        return is_ours and "/changes" not in request.url

    def settle(self) -> None:
        """Wait until what the page asks for at the beginning is answered, and begin to count."""
        until(
            lambda: self._page.evaluate("window.told") >= AT_THE_BEGINNING and not self._open,
            lambda: f"{self._open} open of {self.paths}",
        )
        self.paths.clear()

    def mark(self) -> None:
        """Put a mark behind what was asked for so far."""
        self._page.evaluate("path => fetch(path).then(answer => answer.text())", MARK)


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
    page.add_init_script(COUNT_EVENTS)
    page.clock.install()
    asked = Requests(page)
    page.goto(f"/{shown}")
    expect(page.get_by_role("heading", name=shown.capitalize())).to_be_visible()
    asked.settle()
    page.clock.run_for(LONG_MS)
    asked.mark()
    if shown == "executions":
        assert send(account, path) == 202
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Succeeded")
    else:
        assert requests.put(f"{account.url}/hooks/{path}", timeout=60).status_code == 405
        expect(page.get_by_role("status", name="Refused requests")).to_contain_text("405")
    before, after = _parted(asked.paths)
    assert before == []
    # An execution is accepted, taken and ended, which may be told one after the other.
    assert set(after) == {f"/{shown}"}
    assert len(after) <= 4


def _parted(paths: list[str]) -> tuple[list[str], list[str]]:
    place = paths.index(MARK)
    return paths[:place], paths[place + 1 :]
