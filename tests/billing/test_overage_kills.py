"""A process that dies while it sends overage: nothing twice, nothing lost."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.billing.findings.bills import renew, send
from tests.billing.shop import Shop
from tests.billing.usages import agree, use
from tests.waiting import PATIENCE_S

BILL = """
import sys
from billing.accounts.accounts import Accounts
from billing.overage.sending import OverageBilling
from layers import failpoints
from layers.clock import ManualClock
from layers.database import Database
from layers.settings import load_settings

settings = load_settings()
failpoints.arm(settings.failpoint)
database = Database(settings.storage.database_url)
OverageBilling(Accounts(database, ManualClock(float(sys.argv[1])), settings)).bill()
"""


def bill_and_die(shop: Shop, point: str) -> None:
    settings = shop.parts.settings
    done = subprocess.run(
        [sys.executable, "-c", BILL, str(shop.clock.moment)],
        env={
            "PATH": "/usr/bin:/bin",
            "TREADLE_DATABASE_URL": settings.storage.database_url,
            "TREADLE_PLANS": str(settings.billing.plans),
            "STRIPE_API_KEY": settings.billing.stripe_key,
            "STRIPE_API_BASE": settings.billing.stripe_base,
            "TREADLE_FAILPOINT": f"{point}@1",
        },
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", ["invoice_item.before_send", "invoice_item.after_send"])
def test_killed_while_an_item_is_made(shop: Shop, point: str) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 505)
    bill_and_die(shop, point)
    use(shop, 500, source="meanwhile")
    assert send(shop) == 0, "it may be at work still"
    shop.clock.advance(301)
    assert send(shop) == 1
    assert [one["quantity"] for one in shop.stripe.records.all("invoiceitem")] == [1000]


@pytest.mark.parametrize("point", ["invoice_item.before_send", "invoice_item.after_send"])
def test_killed_while_an_item_is_raised(shop: Shop, point: str) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 505)
    send(shop)
    use(shop, 500, source="more")
    bill_and_die(shop, point)
    shop.clock.advance(301)
    renew(shop)
    assert [one["quantity"] for one in shop.stripe.records.all("invoiceitem")] == [1000]


def test_killed_while_an_invoice_of_its_own_is_made(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 505)
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.parts.accounts.refresh(shop.person.workspace_id)
    send(shop)
    bill_and_die(shop, "invoice_item.after_invoice")
    shop.clock.advance(301)
    send(shop)
    shop.clock.advance(1000)
    send(shop)
    own = [one for one in shop.stripe.records.all("invoice") if one["billing_reason"] == "manual"]
    assert [one["total"] for one in own] == [100]
