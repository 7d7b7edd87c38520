"""Keeps the emulator's state in a file, so that a laptop's subscriptions outlive a restart."""

from __future__ import annotations

import json
from pathlib import Path

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.invoices import make_invoice
from local_emulator.providers.stripe.legacy_plans import plan_of
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_object import new_subscription


class Kept:
    """The file of one emulator."""

    def __init__(self, stripe: StripeEmulator, path: Path) -> None:
        self._stripe = stripe
        self._path = path

    def load(self) -> None:
        """Take back what was kept; endpoints are told anew at each start."""
        if self._path.exists():
            self._stripe.records.load(json.loads(self._path.read_text()))
        self._stripe.records.remove("webhook_endpoint")
        for kind in ("subscription", "invoice"):
            for record in self._stripe.records.all(kind):
                _complete(self._stripe, record)

    def save(self) -> None:
        """Keep everything: written aside and renamed, so that no half of it is ever read."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._stripe.records.dump()))
        fresh.rename(self._path)


def _complete(stripe: StripeEmulator, record: Object) -> None:
    """Give what an older emulator kept the members that it did not know."""
    customer = stripe.records.find("customer", record["customer"])
    if customer is None:
        return
    if record["object"] == "subscription":
        blank = new_subscription(stripe, customer, {})
        for item in record["items"]["data"]:
            item.setdefault("plan", plan_of(item["price"]))
    else:
        blank = make_invoice(stripe, customer, [], record["billing_reason"], None)
    for name, value in blank.items():
        record.setdefault(name, value)
