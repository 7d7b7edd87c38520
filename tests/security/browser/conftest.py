"""Instances with and without protection, a browser, and people who use them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from layers.ids import new_id
from tests.conftest import KEYS
from tests.e2e.browser import PATIENCE_MS, launch
from tests.e2e.product import PASSWORD, Account
from tests.local_emulator.running import Running
from tests.ports import free_port
from tests.waiting import until

NUMBERS = count(1)
SIGN_IN = """(person) => fetch("/api/v1/auth/login", {
  method: "POST",
  headers: {"content-type": "application/json"},
  body: JSON.stringify(person),
})"""


class Instance:
    """A gateway of its own; ``hooks`` is what addresses of webhooks begin with."""

    def __init__(self, folder: str, mode: str, hooks_host: str | None = None) -> None:
        port = free_port()
        self.url = self.hooks = f"http://127.0.0.1:{port}"
        own = {"TREADLE_DATA": folder, "TREADLE_PORT": str(port), "TREADLE_SECRET_KEYS": KEYS}
        if hooks_host is not None:
            hooks_port = str(free_port())
            self.hooks = f"http://{hooks_host}:{hooks_port}"
            own |= {"TREADLE_HOOKS_URL": self.hooks, "TREADLE_HOOKS_PORT": hooks_port}
        command = [sys.executable, "-m", "tests.security.browser.serving", mode]
        self.running = Running(command, {**os.environ, **own})
        until(self._serves, f"{mode} serves")
        # The first account is the instance's administrator, and nobody's here.
        Account(self.url, "administrator@example.com")

    def _serves(self) -> bool:
        assert self.running.process.poll() is None, "\n".join(self.running.log)
        try:
            return requests.get(f"{self.url}/readyz", timeout=60).ok
        except requests.ConnectionError:
            return False

    def account(self) -> Account:
        """Somebody new, with a workspace of their own."""
        return Account(self.url, f"person{next(NUMBERS)}@example.com")

    def hook(self, author: Account, headers: dict[str, Any], body: Any = "", **params: Any) -> str:
        """The address of a webhook that answers so."""
        path = f"h-{new_id()}"
        hook = {"path": path, "method": "ANY", "respond": "respond_node"}
        respond = {"headers": headers, "body": body, **params}
        document = {
            "name": "Hostile",
            "nodes": [
                {"id": "hook", "type": "webhook", "params": hook},
                {"id": "r", "type": "respond", "params": respond},
            ],
            "connections": [{"from": "hook", "to": "r"}],
        }
        workflow_id = author.call("POST", "/workflows", json=document).json()["id"]
        author.call("POST", f"/workflows/{workflow_id}/activate")
        return f"{self.hooks}/hooks/{path}"


class Victim:
    """Somebody who is signed in, in a window of their own."""

    def __init__(self, instance: Instance, browser: Browser) -> None:
        self.instance = instance
        self.account = instance.account()
        self.context: BrowserContext = browser.new_context(base_url=instance.url)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        # In the page, so that the browser itself keeps the cookies, with all that is said of them.
        self.page.goto("/login")
        self.page.evaluate(SIGN_IN, {"email": self.account.email, "password": PASSWORD})
        assert self.is_signed_in()

    def opens(self, address: str) -> Page:
        """Follow a link; a page's scripts have run to their end then."""
        try:
            self.page.goto(address, wait_until="load")
        except Error as error:
            # What is no page of a browser's is kept as a file, and nothing of it runs.
            if "Download is starting" not in error.message:
                raise
        return self.page

    def is_signed_in(self) -> bool:
        """Whether the app still knows whom it has before it."""
        answer = self.context.request.get("/api/v1/me")
        if not answer.ok:
            return False
        return bool(answer.json()["user"]["email"] == self.account.email)

    def lost_a_key(self) -> bool:
        """Whether somebody has made an API key in their name."""
        keys = self.account.call("GET", "/api-keys").json()["items"]
        return any(key["name"] == "stolen" for key in keys)


@pytest.fixture(scope="package")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Instance]]:
    """Instances by name: ``sealed``, ``apart`` (its hooks have a port), ``own-host``, ``bare``."""
    made: dict[str, Instance] = {}

    def get(name: str) -> Instance:
        if name not in made:
            mode = "bare" if name == "bare" else "sealed"
            folder = tmp_path_factory.mktemp(name)
            hosts = {"apart": "127.0.0.1", "own-host": "localhost"}
            made[name] = Instance(str(folder), mode, hosts.get(name))
        return made[name]

    yield get
    for one in made.values():
        assert one.running.ask_to_stop() == 0, "\n".join(one.running.log)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser's process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_window(
    instances: Callable[[str], Instance], browser: Browser
) -> Iterator[Callable[[str], Victim]]:
    """Opens windows in which somebody is signed in, by the instance's name."""
    opened: list[Victim] = []

    def make(name: str) -> Victim:
        opened.append(Victim(instances(name), browser))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()
