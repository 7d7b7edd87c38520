"""Loads the demo workspace through the public API, sends it three orders, shows the answers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from local_emulator.demo.account import Account, sign_in
from local_emulator.demo.api import Api, Refused

HERE = Path(__file__).parent
WORKFLOWS = ("order_intake.json", "daily_summary.json")
HOOK = "/hooks/demo/orders"
ORDERS: dict[str, dict[str, Any]] = {
    "a bad one": {"id": "A-1001", "customer": "c-alan", "lines": []},
    "a small one": {
        "id": "A-1002",
        "customer": "c-grace",
        "lines": [{"sku": "bobbin", "quantity": 4, "price": 2.5}],
    },
    "a big one": {
        "id": "A-1003",
        "customer": "c-ada",
        "lines": [
            {"sku": "treadle table", "quantity": 3, "price": 480},
            {"sku": "leather belt", "quantity": 6, "price": 12.75},
        ],
    },
}


def load(api: Api, enrichment_url: str) -> None:
    """Put the variable and the workflows in place; what is there already stays as it is."""
    _set_variable(api, "enrichment_url", enrichment_url)
    there = {workflow["name"]: workflow for workflow in api.everything("/workflows")}
    for file in WORKFLOWS:
        definition = json.loads((HERE / file).read_text())
        workflow = there.get(definition["name"]) or api.call("POST", "/workflows", definition)
        if not workflow["active"]:
            api.call("POST", f"/workflows/{workflow['id']}/activate")


def _set_variable(api: Api, name: str, value: str) -> None:
    found = [one for one in api.everything("/variables") if one["name"] == name]
    if not found:
        api.call("POST", "/variables", {"name": name, "value": value})
    elif found[0]["value"] != value:
        api.call("PUT", f"/variables/{found[0]['id']}", {"name": name, "value": value})


def send_orders(api: Api, url: str) -> str:
    """Send the three orders, and tell what came back."""
    lines = [f"Three orders to POST {url}{HOOK} (workflow 'Order intake'):"]
    for what, order in ORDERS.items():
        answer = api.send("POST", HOOK, order)
        body = answer.body if isinstance(answer.body, dict) else {"answer": answer.body}
        lines.append(f"  {what}: {answer.status}")
        lines += [f"    {name}: {_plain(value)}" for name, value in body.items()]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _told(url: str, account: Account) -> str:
    return (
        f"Treadle is at {url}\n"
        f"  email:    {account.email}\n"
        f"  password: {account.password}\n"
        "Ctrl-C stops it."
    )


def main() -> int:
    """Load and show; the exit code is 1 if the instance would not have it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--enrichment-url", required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--page", help="The address to open, where it is another.")
    given = parser.parse_args()
    api = Api(given.url)
    try:
        account = sign_in(api, given.keep)
        load(api, given.enrichment_url)
        print(send_orders(api, given.url))
    except Refused as error:
        print(f"The demo could not be loaded. {error}", file=sys.stderr)
        return 1
    print(_told(given.page or given.url, account), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
