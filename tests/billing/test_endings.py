"""A subscription that was ended at once, by a process that died in the middle of it."""

from __future__ import annotations

import pytest

from billing.accounts.remedies import Remedies
from tests.billing.dying import dying_at
from tests.billing.findings.test_w8_ways_out import DAY_S, not_paid, statuses
from tests.billing.shop import Shop


def end(shop: Shop) -> None:
    Remedies(shop.parts.accounts).end_now(shop.person.workspace_id, None, None)


def work(shop: Shop) -> None:
    """What the scheduler does a minute later."""
    shop.clock.advance(61)
    jobs = shop.jobs()
    jobs.find_lost()
    jobs.synchronize()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_was_open_is_closed_by_a_job(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    not_paid(shop, "unpaid")
    shop.go_on(70 * DAY_S)
    with dying_at(monkeypatch, "end_now.cancelled"):
        end(shop)
    shop.deliver()
    work(shop)
    assert shop.subscription()["status"] == "canceled"
    found = statuses(shop)
    assert "open" not in found
    assert "draft" not in {one["status"] for one in shop.stripe.records.all("invoice")}
    assert found["uncollectible"] == 1, "what was delivered stays owed"
    assert found["void"] >= 1
    assert shop.rows("SELECT state FROM stripe_requests WHERE kind = 'end_now'")[0].state == "done"
    work(shop)
    assert statuses(shop) == found
    assert shop.subscribe("team")["plan"] == "team"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_who_died_before_has_ended_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    not_paid(shop, "unpaid")
    before = statuses(shop)
    with dying_at(monkeypatch, "end_now.asked"):
        end(shop)
    work(shop)
    assert (shop.subscription()["status"], statuses(shop)) == ("unpaid", before)
    end(shop)
    assert shop.subscription()["status"] == "canceled"
    assert "open" not in statuses(shop)
