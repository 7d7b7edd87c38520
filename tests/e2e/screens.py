"""Writes a picture of every screen, in both themes and both widths: `make screens`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.browser import NARROW, WIDE, Visitor, launch
from tests.e2e.product import PASSWORD, Account, Product

SIZES = {"wide": WIDE, "narrow": NARROW}


def prepare(account: Account, webhook_path: str = "screens") -> dict[str, str]:
    """Have something of everything; returns where the screens are."""
    listed = account.call("GET", "/templates").json()["items"]
    templates = {one["slug"]: one for one in listed}
    ids = {}
    for slug in ("python-scores", "webhook-to-answer", "check-and-stop", "daily-summary"):
        document = templates[slug]["workflow"]
        if slug == "check-and-stop":
            document["nodes"][1]["params"]["fields"]["rows"] = 11
        if slug == "webhook-to-answer":
            document["nodes"][0]["params"]["path"] = webhook_path
        body = {"name": templates[slug]["title"], "document": document}
        ids[slug] = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
        run = {"source": "draft", "items": templates[slug]["sample_items"], "wait": 20}
        account.call("POST", f"/workflows/{ids[slug]}/run", json=run)
    gone = {"id": "greet", "type": "greet", "version": 1, "params": {"text": "{{ item.name }}"}}
    missing = {"name": "Greets", "nodes": [{"id": "start", "type": "manual"}, gone]}
    missing["connections"] = [{"from": "start", "to": "greet", "to_port": "people"}]
    body = {"name": "Greets", "document": missing}
    ids["missing"] = account.call("POST", "/workflow-drafts", json=body).json()["workflow_id"]
    for slug in ("webhook-to-answer", "daily-summary"):
        account.call("POST", f"/workflows/{ids[slug]}/publish", json={"activate": True})
    bearer = {"name": "Shop", "type": "http_bearer", "data": {"token": "secret-token"}}
    account.call("POST", "/credentials", json={**bearer, "allowed_hosts": ["api.example.com"]})
    invited = account.call(
        "POST", "/invitations", json={"email": f"{webhook_path}@example.org", "role": "viewer"}
    )
    account.call("POST", "/variables", json={"name": "region", "value": "eu"})
    executions = account.call("GET", "/executions").json()["items"]
    failed = next(one["id"] for one in executions if one["status"] == "failed")
    scores = ids["python-scores"]
    return {
        "workflows": "/workflows",
        "templates": "/templates",
        "editor": f"/workflows/{scores}",
        "editor-python": f"/workflows/{scores}?node=score",
        "editor-set": f"/workflows/{ids['webhook-to-answer']}?node=total",
        "editor-missing-type": f"/workflows/{ids['missing']}?node=greet",
        "executions": "/executions",
        "execution-failed": f"/executions/{failed}",
        "triggers": "/triggers",
        "credentials": "/credentials",
        "settings-account": "/settings/account",
        "settings-workspace": "/settings/workspace",
        "settings-members": "/settings/members",
        "settings-retention": "/settings/retention",
        "settings-api-keys": "/settings/api-keys",
        "settings-variables": "/settings/variables",
        "settings-packages": "/settings/packages",
        "settings-audit-log": "/settings/audit-log",
        "settings-billing": "/settings/billing",
        "settings-billing-plans": "/settings/billing?tab=plans",
        "settings-billing-usage": "/settings/billing?tab=usage",
        "invitation": invited.json()["url"].removeprefix(account.url),
        "not-found": "/nothing/like/it",
    }


def shoot(visitor: Visitor, screens: dict[str, str], folder: Path, name: str) -> None:
    """Write a picture of each screen."""
    for screen, path in screens.items():
        visitor.page.goto(path)
        visitor.rest()
        visitor.page.screenshot(path=folder / f"{screen}-{name}.png")


def main(folder: Path) -> None:
    """Start the product, fill it, and go through all screens."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        product = Product(Path(data), "--no-demo")
        browser = launch(playwright)
        account = Account(product.url, "ada@example.com")
        screens = prepare(account)
        for size, viewport in SIZES.items():
            for theme in ("light", "dark"):
                visitor = Visitor(browser, product.url, size=viewport, color_scheme=theme)
                outside = {"login": "/login", "signup": "/signup"}
                shoot(visitor, outside, folder, f"{size}-{theme}")
                visitor.sign_in(account.email, PASSWORD)
                shoot(visitor, screens, folder, f"{size}-{theme}")
                visitor.close()
        browser.close()
        product.stop()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screens"))
