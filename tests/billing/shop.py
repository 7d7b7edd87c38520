"""A workspace that pays, with the emulated Stripe on the other side."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import text

from billing.jobs import BillingJobs
from billing.plans.catalogue import synchronize
from billing.plans.plan import plans_in
from functions.main import build_app, running
from functions.parts import Parts
from layers.clock import ManualClock
from local_emulator.providers.stripe.clocks import tick
from local_emulator.providers.stripe.deliveries import Delivery, signature
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endpoints import create_endpoint
from tests.asgi_client import Answer, Client
from tests.conftest import Person
from tests.waiting import PATIENCE_S

SECRET = "whsec_of_the_tests"
BASE = "/api/v1"
HOOK = {
    "name": "Orders",
    "nodes": [
        {
            "id": "hook",
            "type": "webhook",
            "params": {"path": "orders", "method": "POST", "respond": "received"},
        },
        {"id": "set", "type": "set", "params": {"fields": {"done": True}}},
    ],
    "connections": [{"from": "hook", "to": "set"}],
}


@contextmanager
def opened_shop(parts: Parts, stripe: StripeEmulator) -> Iterator[Client]:
    """The app, with its plans at Stripe."""
    plans = plans_in(parts.settings.billing.plans)
    synchronize(parts.database, parts.clock, parts.accounts.gateway, plans)
    create_endpoint(stripe, {"url": "held", "enabled_events": ["*"]})
    stripe.deliveries.held.clear()
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


@dataclass
class Shop:
    """What a person and Stripe do, and what became of it."""

    parts: Parts
    client: Client
    person: Person
    stripe: StripeEmulator
    clock: ManualClock
    delivered: list[Delivery] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = ..., status: int = 200) -> Any:
        """Call the API as the person; the answer's JSON."""
        answer = self.person.program.request(method, f"{BASE}{path}", json=body)
        assert answer.status == status, answer.text
        return answer.json() if answer.body else None

    def subscription(self) -> Any:
        """What the workspace has."""
        return self.call("GET", "/billing/subscription")

    def deliver(self) -> list[Answer]:
        """Deliver every event that waits, in order."""
        held, self.stripe.deliveries.held = self.stripe.deliveries.held, []
        self.delivered += held
        return [self.send(one) for one in held]

    def send(self, delivery: Delivery, secret: str = SECRET, ago: int = 0) -> Answer:
        """Deliver one event, signed ``ago`` seconds ago."""
        payload = json.dumps(delivery.event)
        header = signature(secret, payload, int(time.time()) - ago)
        return self.post(payload, {"stripe-signature": header})

    def post(self, payload: str, headers: dict[str, str]) -> Answer:
        """Send anything to the webhook."""
        return self.client.as_other().post(
            "/stripe/webhook", content=payload.encode(), headers=headers
        )

    def subscribe(self, plan: str, interval: str = "month", **more: Any) -> Any:
        """Go through Checkout, as a person does in a browser."""
        wish = {"plan": plan, "interval": interval, **more}
        session = self.call("POST", "/billing/checkout", wish)
        page = requests.get(session["url"], timeout=PATIENCE_S)
        assert page.status_code == 200
        paid = requests.post(
            session["url"], data={"card": "pm_card_visa"}, allow_redirects=False, timeout=PATIENCE_S
        )
        assert paid.status_code == 303, paid.text
        self.deliver()
        return self.subscription()

    def use_card(self, card: str) -> None:
        """Pay with another card from now on."""
        customer = self.account().customer_id
        requests.post(
            f"{self.stripe.url}/v1/payment_methods/{card}/attach",
            data={"customer": customer},
            auth=(self.stripe.api_key, ""),
            timeout=PATIENCE_S,
        ).raise_for_status()
        method = self.stripe.records.all("payment_method")[-1]
        (living,) = self.living()
        living["default_payment_method"] = method["id"]

    def living(self) -> list[Any]:
        """The subscriptions that Stripe has not ended."""
        return [s for s in self.stripe.records.all("subscription") if s["status"] != "canceled"]

    def go_on(self, seconds: float) -> None:
        """Let time pass, in small steps, for Stripe as for Treadle."""
        end = self.clock.moment + seconds
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + 43_200)
            tick(self.stripe)
        self.deliver()

    def jobs(self) -> BillingJobs:
        """What a scheduler does for billing."""
        parts = self.parts
        ring = parts.notifier.notify
        return BillingJobs(parts.database, parts.artifacts, parts.clock, parts.settings, ring)

    def do_jobs(self) -> None:
        """Do once each of them."""
        for job in self.jobs().jobs():
            job.run()

    def account(self) -> Any:
        """The row of the account."""
        return self.parts.accounts.read(self.person.workspace_id)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database anything."""
        with self.parts.database.reading() as connection:
            return list(connection.execute(text(statement), values))

    def listen(self) -> str:
        """Activate the webhook; returns the workflow's id."""
        workflow = self.call("POST", "/workflows", HOOK, 201)
        self.call("POST", f"/workflows/{workflow['id']}/activate")
        return str(workflow["id"])

    def order(self) -> Answer:
        """Let an event come."""
        return self.client.as_other().post("/hooks/orders", json={"id": 1})
