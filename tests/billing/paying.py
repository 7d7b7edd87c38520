"""What a person does on Stripe's pages: pay with a card, agree or not at the bank."""

from __future__ import annotations

from typing import Any

import requests

from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

CONSENT = "pm_card_authenticationRequired"
DAY_S = 86_400.0
HOUR_S = 3_600.0


def press(url: str, **form: str) -> requests.Response:
    """Press a button of a page; where it leads to is not followed."""
    return requests.post(url, data=form, allow_redirects=False, timeout=PATIENCE_S)


def stripe_call(shop: Shop, path: str, **form: Any) -> Any:
    """Call the emulated Stripe as somebody with its key does."""
    answer = requests.post(
        f"{shop.stripe.url}/v1/{path}",
        data=form,
        auth=(shop.stripe.api_key, ""),
        timeout=PATIENCE_S,
    )
    assert answer.ok, answer.text
    return answer.json()


def subscribe(shop: Shop, plan: str, card: str = CONSENT, **more: Any) -> Any:
    """Go through Checkout with a card, and agree where the bank asks."""
    session = shop.call("POST", "/billing/checkout", {"plan": plan, **more})
    answer = press(session["url"], card=card)
    assert answer.status_code == 303, answer.text
    if "/authenticate/" in answer.headers["location"]:
        answer = press(answer.headers["location"], do="complete")
    assert answer.headers["location"].endswith("checkout=done")
    shop.deliver()
    return shop.subscription()


def consent_url(shop: Shop) -> str:
    """Where the bank asks about the payment that waits."""
    (waiting,) = [
        one
        for one in shop.stripe.records.all("payment_intent")
        if one["status"] == "requires_action"
    ]
    return str(waiting["next_action"]["redirect_to_url"]["url"])


def agree(shop: Shop, do: str = "complete") -> None:
    """Say on the bank's page whether a payment is meant."""
    answer = press(consent_url(shop), do=do)
    assert answer.status_code == 303, answer.text
    shop.deliver()


def told(shop: Shop, kind: str) -> list[Any]:
    """The details of the alerts of a kind, the newest first."""
    found = shop.call("GET", "/billing/alerts")["items"]
    return [one["detail"] for one in found if one["kind"] == kind]
