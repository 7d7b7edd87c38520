"""The product and the browser, started once for all journeys; a window of its own for each.

They end with this folder: while Playwright runs, no other test could run an event loop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.browser import PATIENCE_MS, Visitor, launch
from tests.e2e.product import PASSWORD, Account, Product

NUMBERS = count(1)
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`treadle up` without its demo."""
    # The emulated provider of OAuth is on this machine.
    allowed = {"TREADLE_ALLOW_PRIVATE_NETWORK": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("product")
    product = Product(folder, "--no-demo", environment={**os.environ, **allowed})
    yield product
    product.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser's process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def account(product: Product) -> Account:
    """Somebody new."""
    return Account(product.url, f"ada{next(NUMBERS)}@example.com")


@pytest.fixture
def visitor(product: Product, browser: Browser) -> Iterator[Visitor]:
    """A window in which nobody is signed in."""
    visitor = Visitor(browser, product.url)
    yield visitor
    visitor.close()


@pytest.fixture
def member(visitor: Visitor, account: Account) -> Visitor:
    """A window in which `account` is signed in."""
    visitor.sign_in(account.email, PASSWORD)
    return visitor
