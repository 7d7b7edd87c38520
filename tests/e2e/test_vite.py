"""The app served from its sources by Vite, as `make dev` does it, in front of a running product."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD, Account, Product
from tests.local_emulator.running import gone

APP = re.compile(r"The app, as you change it, is at (http://127\.0\.0\.1:\d+)")
# Follows an execution as the app does; answers with the names of the events up to its end.
FOLLOW = """
(path) => new Promise((resolve, reject) => {
    const names = [];
    const source = new EventSource(path);
    source.onerror = () => reject(new Error("cut"));
    for (const name of ["status", "step", "end"])
        source.addEventListener(name, () => {
            names.push(name);
            if (name === "end") { source.close(); resolve(names); }
        });
})
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("served"), "--no-demo", "--app")
    yield product
    family = product.running.family
    product.stop()
    assert gone(family)


@pytest.fixture
def at_vite(served: Product, browser: Browser) -> Iterator[Visitor]:
    served.running.says("The app, as you change it")
    found = [match for line in served.running.out if (match := APP.match(line))]
    assert found[0][1] != served.url
    visitor = Visitor(browser, found[0][1])
    yield visitor
    visitor.close()


def test_signing_in_and_following_a_run_work_through_vite(
    served: Product, at_vite: Visitor
) -> None:
    account = Account(served.url, "ada@example.com")
    at_vite.page.goto("/login")
    # Vite's own client is there: it is the sources that are served, not what was built of them.
    assert "/@vite/client" in at_vite.page.content()
    at_vite.sign_in(account.email, PASSWORD)
    expect(at_vite.page.get_by_role("heading", name="Workflows", level=1)).to_be_visible()
    workflow = {
        "name": "Waits a little",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "wait", "type": "wait", "params": {"seconds": 1}},
        ],
        "connections": [{"from": "start", "to": "wait"}],
    }
    made = account.call("POST", "/workflows", json=workflow).json()
    started = account.call("POST", f"/workflows/{made['id']}/run", json={"items": [{}]}).json()
    path = f"/api/v1/executions/{started['execution_id']}/events"
    names = at_vite.page.evaluate(FOLLOW, path)
    assert names[-1] == "end"
    assert "step" in names
