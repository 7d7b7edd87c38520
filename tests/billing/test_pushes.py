"""Usage on its way to Stripe's meters: nothing twice, nothing lost, late rows as differences."""

from __future__ import annotations

from typing import Any

import pytest

from billing.failures import StripeAway
from billing.usage.ledger import record
from billing.usage.pushes import Pusher
from layers.engine.metering import Usage
from tests.billing.conftest import JANUARY_31
from tests.billing.shop import Shop


def use(shop: Shop, source: str, quantity: int, at: float) -> None:
    usage = Usage(shop.person.workspace_id, "executions", source, quantity, at)
    with shop.parts.database.writing() as connection:
        record(connection, [usage], shop.clock.now())


def known(shop: Shop) -> int:
    """What Stripe's meter adds up to."""
    events = shop.stripe.records.all("billing.meter_event")
    return sum(int(one["payload"]["value"]) for one in events)


def test_what_was_sent_is_not_sent_again(shop: Shop) -> None:
    use(shop, "before", 1, JANUARY_31 - 60)
    shop.subscribe("pro")
    pusher = Pusher(shop.parts.accounts)
    for hour in range(3):
        use(shop, f"h{hour}", 10 + hour, JANUARY_31 + hour * 3600 + 5)
    shop.clock.advance(3 * 3600)
    assert pusher.push() == 3
    assert pusher.push() == 0
    assert known(shop) == 33, "what was used before the subscription is not paid for"
    use(shop, "late", 4, JANUARY_31 + 3700)
    assert pusher.push() == 1
    assert known(shop) == 37


def test_a_lost_answer_makes_nothing_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.subscribe("pro")
    use(shop, "a", 5, JANUARY_31 + 5)
    shop.clock.advance(60)
    gateway: Any = shop.parts.accounts.gateway
    send = gateway.send_usage

    def lost(event: dict[str, Any]) -> None:
        send(event)
        raise StripeAway

    monkeypatch.setattr(gateway, "send_usage", lost)
    pusher = Pusher(shop.parts.accounts)
    assert pusher.push() == 0
    monkeypatch.setattr(gateway, "send_usage", send)
    assert pusher.push() == 1
    assert known(shop) == 5
    assert [row.state for row in shop.rows("SELECT state FROM usage_pushes")] == ["sent"]


def test_an_hour_in_which_a_month_begins_is_two(shop: Shop) -> None:
    shop.clock.advance(1800)
    shop.subscribe("pro")
    month = 28 * 86_400
    shop.go_on(month + 3600)
    ends = JANUARY_31 + 1800 + month
    use(shop, "before", 2, ends - 5)
    use(shop, "after", 3, ends + 5)
    Pusher(shop.parts.accounts).push()
    moments = sorted(
        (one["timestamp"] >= ends, int(one["payload"]["value"]))
        for one in shop.stripe.records.all("billing.meter_event")
    )
    assert moments == [(False, 2), (True, 3)]
