"""Keeps the emulator's state in a file, so that a laptop's subscriptions outlive a restart."""

from __future__ import annotations

import json
from pathlib import Path

from local_emulator.providers.stripe.emulator import StripeEmulator


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

    def save(self) -> None:
        """Keep everything: written aside and renamed, so that no half of it is ever read."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._stripe.records.dump()))
        fresh.rename(self._path)
