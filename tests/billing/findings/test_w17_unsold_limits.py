"""W17: nothing is asked of Stripe for limits that no plan sells beyond."""

from __future__ import annotations

import pytest

from tests.billing.findings.bills import send
from tests.billing.shop import Shop
from tests.billing.usages import use


def test_w17_calls_of_the_api_are_no_business_of_stripes(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.subscribe("pro")
    use(shop, 500_000, meter="api_calls")
    before = len(shop.stripe.records.all("invoiceitem"))
    assert send(shop) == 0
    assert len(shop.stripe.records.all("invoiceitem")) == before
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
