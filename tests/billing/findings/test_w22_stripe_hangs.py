"""W22: a Stripe that hangs keeps nobody waiting for longer than ten seconds, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from billing import deadline
from billing.stripe_gateway import StripeGateway
from tests.asgi_client import Answer
from tests.billing.hanging import Hanging, hanging_server
from tests.billing.shop import BASE, Shop
from tests.billing.test_webhook import EVENT, sent
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture(params=["never answers", "a byte now and then"])
def hanging(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Hanging]:
    """Stripe, from now on, takes what is asked and does not answer it."""
    with hanging_server(drips=request.param != "never answers") as server:
        billing = replace(shop.parts.settings.billing, stripe_base=server.url)
        shop.parts.accounts._gateway = StripeGateway(billing)
        yield server


def ask(shop: Shop, path: str = "/billing/checkout") -> Answer:
    """Ask as the person."""
    return shop.person.program.post(f"{BASE}{path}", json={"plan": "pro"})


def test_all_calls_of_a_person_end_together_before_ten_seconds(
    shop: Shop, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deadline.PERSON_S < 10
    monkeypatch.setattr(deadline, "PERSON_S", 2.0)
    assert ask(shop).status == 503
    assert hanging.asked <= 1, "nobody is asked again once the time is over"


def test_it_is_said_what_to_do(
    shop: Shop, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "PERSON_S", 0.5)
    answer = ask(shop)
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "may have happened" in answer.json()["detail"], "it was sent, and not answered"
    portal = shop.person.program.post(f"{BASE}/billing/portal")
    assert portal.status == 503


def test_the_others_go_on(shop: Shop, hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "PERSON_S", PATIENCE_S)
    crowd = deadline.PERSONS_AT_ONCE + 30
    with ThreadPoolExecutor(crowd) as pool:
        asked = [pool.submit(ask, shop) for _ in range(crowd)]
        until(lambda: sum(one.done() for one in asked) >= 30, "those without a place")
        refused = [one.result() for one in asked if one.done()]
        assert {one.status for one in refused} == {503}
        assert "Too many" in refused[0].json()["detail"]
        assert any(not one.done() for one in asked), "while some still wait"
        other = shop.client.as_other()
        assert other.get("/healthz").status == 200
        assert shop.person.program.get(f"{BASE}/billing/subscription").status == 200
        customer = {**EVENT, "id": "evt_while_it_hangs"}
        assert shop.post(*sent(customer)).status == 200
        assert any(not one.done() for one in asked), "they answered while others waited"
        hanging.stopped.set()
        assert {one.result().status for one in asked} == {503}
    slots_are_free = [deadline._slots.acquire(blocking=False) for _ in range(12)]
    assert all(slots_are_free)
    for _ in slots_are_free:
        deadline._slots.release()


def test_what_was_asked_is_read_again_once_it_answers(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.subscribe("pro")
    accounts = shop.parts.accounts
    right = accounts.gateway
    monkeypatch.setattr(deadline, "PERSON_S", 0.5)
    with hanging_server() as server:
        billing = replace(shop.parts.settings.billing, stripe_base=server.url)
        slow = StripeGateway(billing)
        # The change is made, and reading it back is what hangs.
        slow.end_with_period = right.end_with_period  # type: ignore[method-assign]
        accounts._gateway = slow
        answer = shop.person.program.post(f"{BASE}/billing/cancel")
        assert answer.status == 503
        assert "may have happened" in answer.json()["detail"]
    accounts._gateway = right
    shop.clock.advance(120)
    for workspace_id in accounts.due():
        accounts.synchronize(workspace_id)
    assert shop.subscription()["cancel_at_period_end"] is True
