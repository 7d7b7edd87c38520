"""Measures the app, and says whether it keeps what is promised of it."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

from bench.browser import pages
from bench.product import BenchError, Product

PASSWORD = "a password for the bench"
SIZE: Any = {"width": 1440, "height": 900}
GOALS = (
    ("500 nodes", "open_ms", 2000, False),
    ("500 nodes", "drag_fps", 50, True),
    ("500 nodes", "pan_fps", 50, True),
    ("100,000 items", "longest_task_ms", 500, False),
)


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """Measure all pages, each round in a window of its own; raises BenchError without Chromium."""
    gathered: dict[str, list[dict[str, float]]] = {}
    with Product(folder) as product:
        for number in range(rounds):
            for name, one in _round(product, f"bench{number}@example.com").items():
                gathered.setdefault(name, []).append(one)
                shown = ", ".join(f"{key} {value:.4g}" for key, value in one.items())
                print(f"bench: browser: {name}: {shown}", file=sys.stderr, flush=True)
    found = {
        name: {key: statistics.median(one[key] for one in many) for key in many[0]}
        for name, many in gathered.items()
    }
    return {"measured": found, "goals": [_checked(found, *goal) for goal in GOALS]}


def _round(product: Product, email: str) -> dict[str, dict[str, float]]:
    try:
        from playwright.sync_api import Error, sync_playwright

        from tests.e2e.browser import ARGUMENTS, program
    except ImportError as error:
        raise BenchError(
            f"the browser is driven by Playwright, which is missing: {error}"
        ) from error
    chromium = program()
    if chromium is None:
        raise BenchError("there is no Chromium (Debian, as root: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            page = browser.new_context(
                base_url=product.url, viewport=SIZE, bypass_csp=True
            ).new_page()
            page.add_init_script(pages.WATCH)
            body = {"email": email, "password": PASSWORD, "name": "Bench"}
            page.request.post(f"{product.url}/api/v1/auth/signup", data=body)
            site = pages.Site(product, page)
            return {"500 nodes": pages.canvas(site), "100,000 items": pages.items(site)}
        except Error as error:
            raise BenchError(f"the browser: {error}") from error
        finally:
            browser.close()


def _checked(
    found: dict[str, dict[str, float]], row: str, figure: str, bound: float, at_least: bool
) -> dict[str, Any]:
    value = found[row][figure]
    return {
        "goal": f"{row}: {figure}",
        "bound": f"{'>=' if at_least else '<='} {bound:g}",
        "value": value,
        "met": value >= bound if at_least else value <= bound,
    }


def table(found: dict[str, Any]) -> str:
    """The figures and goals as text."""
    lines = [
        f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in one.items())
        for name, one in found["measured"].items()
    ]
    for goal in found["goals"]:
        met = "met" if goal["met"] else "NOT MET"
        lines.append(f"  {goal['goal']:40}{goal['value']:>9.4g} {goal['bound']:>12}  {met}")
    return "\n".join(lines)
