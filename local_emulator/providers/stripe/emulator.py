"""The emulator's whole state, and what happens in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from local_emulator.providers.stripe.deliveries import Deliveries
from local_emulator.providers.stripe.idempotency import Idempotency
from local_emulator.providers.stripe.records import Object, Records, outward

API_VERSION = "2026-10-28"


class StripeEmulator:
    """What all parts of it share. ``url`` is where it is served, once it is."""

    def __init__(self, api_key: str = "sk_test_emulated") -> None:
        self.api_key = api_key
        self.url = "http://127.0.0.1"
        self.records = Records()
        self.deliveries = Deliveries()
        self.idempotency = Idempotency()
        self.meter_identifiers: dict[str, int] = {}
        self.clock: Callable[[], float] = time.time
        self.happening_at: int | None = None
        """The moment of what happens by itself just now, which may be noticed late."""
        self.watched: dict[str, Object] = {}
        """What may have dates on which something happens by itself, by id."""
        self.changed: Callable[[], None] = _nothing
        """Called after every change: whoever serves it may keep the state."""

    def now(self, customer_id: str | None = None) -> int:
        """The moment as a customer sees it: of its test clock, if it has one."""
        clock_id = self.clock_of(customer_id)
        if clock_id is not None:
            clock = self.records.find("test_helpers.test_clock", clock_id)
            if clock is not None:
                return int(clock["frozen_time"])
        return int(self.clock()) if self.happening_at is None else self.happening_at

    def clock_of(self, customer_id: str | None) -> str | None:
        """The test clock that a customer lives by, None for real time."""
        customer = self.records.find("customer", customer_id)
        return customer["test_clock"] if customer else None

    def happened(self, kind: str, record: Object, previous: Object | None = None) -> None:
        """Note an event, and have it delivered to the endpoints that want it."""
        data: dict[str, Any] = {"object": outward(record)}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Object = {
            "id": self.records.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(_customer_of(record)),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.records.add(event)
        for endpoint in self.records.all("webhook_endpoint"):
            if {"*", kind} & set(endpoint["enabled_events"]):
                event["pending_webhooks"] += 1
                self.deliveries.deliver(endpoint["url"], endpoint["secret"], event)


def _nothing() -> None:
    """Nobody keeps the state."""


def _customer_of(record: Object) -> str | None:
    if record["object"] == "customer":
        return str(record["id"])
    customer = record.get("customer")
    return customer if isinstance(customer, str) else None
