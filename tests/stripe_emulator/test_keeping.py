"""What is kept in a file goes on after a restart, also when an older emulator wrote it."""

from __future__ import annotations

import json
from pathlib import Path

from local_emulator.providers.stripe.clocks import tick
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.keeping import Kept
from local_emulator.providers.stripe.records import outward
from tests.stripe_emulator.shapes import problems_of
from tests.stripe_emulator.shop import Shop, at

NEWER = {
    *("billing_mode", "pending_update", "days_until_due", "default_tax_rates", "test_clock"),
    *("automatically_finalizes_at", "pre_payment_credit_notes_amount", "auto_advance"),
}


def test_what_an_older_emulator_kept_is_renewed(
    shop: Shop, emulator: StripeEmulator, tmp_path: Path
) -> None:
    shop.subscribe(shop.pro)
    path = tmp_path / "stripe.json"
    Kept(emulator, path).save()
    records = json.loads(path.read_text())
    for record in records:
        if record["object"] in {"subscription", "invoice"}:
            for name in NEWER & set(record):
                del record[name]
        if record["object"] == "customer":
            record["test_clock"] = None
    path.write_text(json.dumps(records))
    again = StripeEmulator()
    try:
        Kept(again, path).load()
        (subscription,) = again.records.all("subscription")
        assert not problems_of(outward(subscription))
        again.clock = lambda: float(at("2026-02-16"))
        assert tick(again)
        assert [one["status"] for one in again.records.all("invoice")] == ["paid", "paid"]
    finally:
        again.deliveries.stop()
