"""A real headless Chromium, and what every page of the app has to keep to."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
# The browser says that it stopped something; this says what that was.
SAY_WHAT_WAS_STOPPED = """
addEventListener("securitypolicyviolation", (event) => console.error(
    "stopped", event.effectiveDirective, event.sample, event.target?.outerHTML?.slice(0, 300)))
"""
PATIENCE_MS = 60_000
"""How long a page may take to do what a person waits for, on a loaded machine."""
LOOKS_AT_REST = 10
BETWEEN_LOOKS_MS = 50
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}


SHOWN_SLOWER_MS = 250
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def program() -> str | None:
    """The machine's Chromium."""
    return shutil.which("chromium") or shutil.which("google-chrome")


def launch(playwright: Playwright) -> Browser:
    """Start the machine's Chromium; a loud skip where there is none, a failure where CI is true.

    With TREADLE_TEST_WINDOW set its window is shown, and what is done in it goes slower.
    """
    found = program()
    if found is None:
        message = "Chromium is missing (Debian, as root: apt-get install chromium)."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    shown = bool(os.environ.get("TREADLE_TEST_WINDOW"))
    return playwright.chromium.launch(
        executable_path=found,
        args=ARGUMENTS,
        headless=not shown,
        slow_mo=SHOWN_SLOWER_MS if shown else 0,
    )


class Visitor:
    """One browser window; it fails at the end of the test if a page complained in the console."""

    def __init__(
        self, browser: Browser, url: str, *, size: dict[str, int] | None = None, **more: Any
    ) -> None:
        viewport: Any = size or WIDE
        self.context: BrowserContext = browser.new_context(
            base_url=url, viewport=viewport, locale="en-US", timezone_id="UTC", **more
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.url = url
        self.complaints: list[str] = []
        self._asked: dict[Page, set[Request]] = {}
        self.page = self.tab()

    def tab(self) -> Page:
        """Open another tab of the same window."""
        page = self.context.new_page()
        asked = self._asked[page] = set()
        page.on("request", lambda request: None if _is_stream(request) else asked.add(request))
        page.on("requestfinished", lambda request: asked.discard(request))
        page.on("requestfailed", lambda request: asked.discard(request))
        page.add_init_script(SAY_WHAT_WAS_STOPPED)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal that the app shows to its user is also a line of the browser's own.
        refused = message.text.startswith("Failed to load resource")
        if message.type == "error" and not refused:
            self.complaints.append(f"{message.text} ({message.location})")

    def rest(self, page: Page | None = None) -> None:
        """Wait until a page has all that it asks for; streams of events never end."""
        page = page or self.page
        page.wait_for_load_state()
        looks = 0
        while looks < LOOKS_AT_REST:
            page.wait_for_timeout(BETWEEN_LOOKS_MS)
            looks = 0 if self._asked[page] else looks + 1

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form."""
        self.page.goto("/login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/workflows")
        self.page.get_by_role("main").get_by_role("heading", name="Workflows").wait_for()

    def close(self) -> None:
        """Close the window and say what was complained of."""
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)


def _is_stream(request: Request) -> bool:
    return request.resource_type == "eventsource"


def barriers(page: Page) -> list[str]:
    """What axe finds serious on the page as it is now (WCAG 2.2 AA)."""
    page.evaluate(AXE.read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = json.dumps({"runOnly": {"type": "tag", "values": tags}})
    found = page.evaluate(f"axe.run(document, {options})")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
