"""Events on their way to webhook endpoints, signed as Stripe signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

ATTEMPTS = 5
PAUSE_S = 0.2
WITHIN_S = 10.0


def signature(secret: str, payload: str, moment: int) -> str:
    """The header ``Stripe-Signature``: HMAC-SHA256 of the moment and the raw body."""
    signed = f"{moment}.{payload}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@dataclass(frozen=True)
class Delivery:
    """One event for one endpoint."""

    url: str
    secret: str
    event: dict[str, Any]


@dataclass
class Deliveries:
    """Delivers one after the other, in a thread of its own, again where nobody takes it.

    While ``is_held`` everything waits in ``held``, for tests that choose an order of their own.
    """

    is_held: bool = False
    held: list[Delivery] = field(default_factory=list)
    answered: list[tuple[str, int]] = field(default_factory=list)
    """The event's type and the endpoint's status, for each delivery."""

    def __post_init__(self) -> None:
        self._waiting: queue.Queue[Delivery | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def deliver(self, url: str, secret: str, event: dict[str, Any]) -> None:
        """Have an event delivered soon."""
        delivery = Delivery(url, secret, event)
        if self.is_held:
            self.held.append(delivery)
        else:
            self._waiting.put(delivery)

    def settle(self) -> None:
        """Wait until everything is delivered, or given up."""
        self._waiting.join()

    def stop(self) -> None:
        """End the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (delivery := self._waiting.get()) is not None:
            try:
                self.send(delivery)
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def send(self, delivery: Delivery) -> int:
        """Deliver one now; returns the last answer's status, 0 for none."""
        payload = json.dumps(delivery.event)
        status = 0
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_S * 2**attempt)
            moment = int(time.time())
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(delivery.secret, payload, moment),
            }
            request = urllib.request.Request(  # noqa: S310 - an endpoint that was registered here
                delivery.url, payload.encode(), headers, method="POST"
            )
            try:
                with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:  # noqa: S310
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            except OSError:
                status = 0
            if 200 <= status < 300:
                break
        self.answered.append((delivery.event["type"], status))
        return status
