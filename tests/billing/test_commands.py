"""``treadle billing`` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from billing.usage.ledger import record
from layers.database import Database
from layers.engine.metering import Usage
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def treadle(shop: Shop, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    settings = shop.parts.settings
    return subprocess.run(
        [Path(sys.executable).with_name("treadle"), "billing", *arguments],
        env={
            "PATH": "/usr/bin:/bin",
            "TREADLE_DATABASE_URL": settings.storage.database_url,
            "TREADLE_PLANS": str(settings.billing.plans),
            "STRIPE_API_KEY": settings.billing.stripe_key,
            "STRIPE_API_BASE": settings.billing.stripe_base,
            **more,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_sync_makes_what_is_missing_once(shop: Shop, tmp_path: Path) -> None:
    assert treadle(shop, "sync").stdout == "Nothing was missing.\n"
    plans = json.loads(shop.parts.settings.billing.plans.read_text())
    plans[1]["prices"]["month"]["usd"] = 2500
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(plans))
    refused = treadle(shop, "sync", TREADLE_PLANS=str(changed))
    assert refused.returncode == 1
    assert "give the new one the number 2" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    plans[1]["number"] = 2
    changed.write_text(json.dumps(plans))
    made = treadle(shop, "sync", TREADLE_PLANS=str(changed))
    assert "made plan pro 2" in made.stdout
    assert "made price treadle_pro_2_month_usd" in made.stdout
    assert treadle(shop, "sync", TREADLE_PLANS=str(changed)).stdout == "Nothing was missing.\n"
    prices = [one["lookup_key"] for one in shop.stripe.records.all("price")]
    assert len(prices) == len(set(prices))


def test_recompute_gives_the_ledgers_numbers(shop: Shop) -> None:
    database: Database = shop.parts.database
    usage = Usage(shop.person.workspace_id, "executions", "a", 7, shop.clock.now())
    with database.writing() as connection:
        record(connection, [usage], shop.clock.now())
    done = treadle(shop, "recompute", shop.person.workspace_id, "2026-01")
    assert done.returncode == 0, done.stderr
    assert "executions                          7" in done.stdout
    assert "All kept sums are those of the ledger." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("recompute", "nobody", "2026-01"), "There is no workspace nobody."),
        (("recompute", "nobody", "January"), "'January' is no period"),
    ],
)
def test_bad_input_is_one_line(shop: Shop, arguments: tuple[str, ...], said: str) -> None:
    done = treadle(shop, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
