"""The instance and the emulated Stripe of a simulated year: one clock for both."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
import uvicorn
from sqlalchemy import Row, text

from billing.accounts.account_row import want
from billing.accounts.accounts import Accounts
from billing.accounts.subscriptions import Subscriptions
from billing.accounts.webhook import take
from billing.overage.sending import OverageBilling
from billing.plans.catalogue import synchronize
from billing.plans.plan import plans_in
from layers.clock import ManualClock
from layers.database import Database
from layers.database.migrate import upgrade
from layers.settings import BillingMode, BillingSettings, Settings, load_settings
from local_emulator.providers.stripe.app import make_app
from local_emulator.providers.stripe.clocks import tick
from local_emulator.providers.stripe.deliveries import Delivery, signature
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endpoints import create_endpoint

SECRET = "whsec_of_the_year"
WITHIN_S = 120.0


@contextlib.contextmanager
def served(stripe: StripeEmulator) -> Iterator[None]:
    """Serve the emulator on this machine while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    stripe.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(make_app(stripe), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        stripe.deliveries.stop()


class World:
    """What happens goes through the product's own code, and through Stripe's API."""

    def __init__(self, folder: Path, stripe: StripeEmulator, begins: float) -> None:
        self.stripe = stripe
        self.clock = ManualClock(begins)
        stripe.clock = self.clock.now
        stripe.deliveries.is_held = True
        self.settings = _settings(folder, stripe)
        self.database = Database(self.settings.storage.database_url)
        upgrade(self.database)
        self.accounts = Accounts(self.database, self.clock, self.settings)
        self.subscriptions = Subscriptions(self.accounts)
        self.overage = OverageBilling(self.accounts)
        plans = plans_in(self.settings.billing.plans)
        synchronize(self.database, self.clock, self.accounts.gateway, plans)
        create_endpoint(stripe, {"url": "held", "enabled_events": ["*"]})
        stripe.deliveries.held.clear()
        self.problems: list[str] = []
        """What went otherwise than wanted, in a sentence each."""
        self._session = requests.Session()
        self._session.auth = (stripe.api_key, "")

    def workspace(self) -> str:
        """Somebody signs up; the workspace's id."""
        workspace_id = str(uuid.uuid4())
        values = {"id": workspace_id, "now": self.clock.now()}
        with self.database.writing() as connection:
            connection.execute(
                text(
                    "INSERT INTO workspaces (id, name, sealed_key, created_at)"
                    " VALUES (:id, :id, '', :now)"
                ),
                values,
            )
        return workspace_id

    def account(self, workspace_id: str) -> Row[Any]:
        """The workspace's account."""
        return self.accounts.read(workspace_id)

    def pay(self, url: str, card: str = "pm_card_visa") -> bool:
        """Pay on the page of Checkout with a card of one's own; says whether it was taken."""
        answer = self._session.post(
            url, data={"card": card}, allow_redirects=False, timeout=WITHIN_S
        )
        newest = self.stripe.records.all("payment_method")[-1]
        if "card" in newest:
            newest["card"]["fingerprint"] = uuid.uuid4().hex
        return answer.status_code == 303

    def call(self, method: str, path: str, **data: object) -> Any:
        """Call Stripe as its dashboard does."""
        url = f"{self.stripe.url}{path}"
        answer = self._session.request(method, url, data=data, timeout=WITHIN_S)
        answer.raise_for_status()
        return answer.json()

    def use_card(self, account: Row[Any], card: str) -> None:
        """Pay with another card from now on."""
        path = f"/v1/payment_methods/{card}/attach"
        method = self.call("POST", path, customer=account.customer_id)
        path = f"/v1/subscriptions/{account.subscription_id}"
        self.call("POST", path, default_payment_method=method["id"])

    def half_a_day(self) -> None:
        """Let time pass; Stripe does what is due, and Treadle hears of it."""
        self.clock.moment += 43_200
        tick(self.stripe)
        self.hear()

    def hear(self) -> None:
        """Take every event that waits, and read whom they are about."""
        held, self.stripe.deliveries.held = self.stripe.deliveries.held, []
        heard = {taken for one in held if (taken := self._take(one)) is not None}
        for workspace_id in sorted(heard):
            self.accounts.synchronize(workspace_id, raising=True)

    def read_again(self, workspace_id: str) -> None:
        """Read an account now."""
        with self.database.writing() as connection:
            want(connection, workspace_id)
        self.accounts.synchronize(workspace_id, raising=True)

    def tidy(self) -> None:
        """Forget what nobody asks for again, so that a year does not get slow."""
        self.stripe.records.remove("event")
        self.stripe.idempotency.clear()
        self.stripe.deliveries.answered.clear()

    def _take(self, delivery: Delivery) -> str | None:
        payload = json.dumps(delivery.event)
        header = signature(SECRET, payload, int(time.time()))
        return take(self.accounts, payload.encode(), header).workspace_id


def _settings(folder: Path, stripe: StripeEmulator) -> Settings:
    loaded = load_settings(
        {
            "TREADLE_DATA": str(folder),
            "TREADLE_DATABASE_URL": f"sqlite:///{folder / 'year.sqlite3'}",
        }
    )
    billing = BillingSettings(
        mode=BillingMode.ON,
        stripe_key=stripe.api_key,
        webhook_secrets=(SECRET,),
        stripe_base=stripe.url,
    )
    return replace(loaded, billing=billing)
