"""What is written down as overage: what was agreed to, once, whoever writes at the same time."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing.usage.ledger import record
from layers.engine.metering import Usage
from tests.billing.conftest import JANUARY_31
from tests.billing.shop import Shop
from tests.billing.usages import agree, overage, use

DAY_S = 86_400.0


def test_only_what_goes_beyond_and_within_the_cap(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 4, source="a")
    agree(shop, 3)
    use(shop, 2, source="b")
    assert overage(shop) == 1, "five are included"
    use(shop, 2, source="b")
    assert overage(shop) == 1, "written twice it counts once"
    use(shop, 10, source="c")
    assert overage(shop) == 3, "the cap"
    (row,) = shop.rows("SELECT * FROM usage_overage WHERE source_id = 'b'")
    assert (row.quantity, row.unit_amount, row.currency) == (1, "0.2", "usd")
    assert row.month_start == JANUARY_31


def test_without_consent_there_is_none(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 50)
    assert overage(shop) == 0
    agree(shop, 100)
    use(shop, 7, source="later")
    assert overage(shop) == 7


def test_starts_are_written_down_as_they_are_admitted(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.listen()
    agree(shop, 4)
    assert [shop.order().status for _ in range(12)] == [202] * 12
    assert overage(shop) == 4
    agree(shop, 6)
    assert overage(shop) == 6, "kept ones are released into what was agreed to"


def test_tokens_of_both_meters_fill_one_limit(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 1000, "ai_tokens")
    use(shop, 1_999_900, source="in", meter="ai_input_tokens")
    use(shop, 300, source="out", meter="ai_output_tokens")
    assert overage(shop, "ai_tokens") == 200


def test_what_is_taken_back_takes_overage_back_first(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100)
    use(shop, 25, source="a")
    assert overage(shop) == 20
    shop.call("POST", "/billing/change", {"plan": "team"})
    use(shop, -5, source="a:back")
    assert overage(shop) == 15, "although Team includes more"
    use(shop, -40, source="a:more")
    assert overage(shop) == 0


def test_late_usage_is_judged_by_its_time(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 5, source="included")
    shop.clock.advance(DAY_S)
    agree(shop, 100)
    shop.clock.advance(DAY_S)
    use(shop, 1, at=JANUARY_31 + 60, source="before it was agreed to")
    assert overage(shop) == 0
    use(shop, 2, at=JANUARY_31 + DAY_S + 60, source="after")
    assert overage(shop) == 2
    shop.go_on(40 * DAY_S)
    shop.call("POST", "/billing/change", {"plan": "team"})
    use(shop, 3, at=JANUARY_31 + 20 * DAY_S, source="of last month")
    assert overage(shop) == 5
    (row,) = shop.rows("SELECT * FROM usage_overage WHERE source_id = 'of last month'")
    assert (row.month_start, row.unit_amount) == (JANUARY_31, "0.2")
    shop.go_on(25 * DAY_S)
    use(shop, 3, at=JANUARY_31 + 20 * DAY_S, source="after the grace")
    assert overage(shop) == 5


def test_the_rows_are_never_changed(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 5)
    use(shop, 7)
    for statement in ("UPDATE usage_overage SET quantity = 0", "DELETE FROM usage_overage"):
        with (
            pytest.raises(DBAPIError, match="only grows"),
            shop.parts.database.writing() as connection,
        ):
            connection.execute(text(statement))


def test_of_many_who_write_at_once_each_knows_what_the_others_used(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 30)
    ready = threading.Barrier(8)
    workspace_id, now = shop.person.workspace_id, shop.clock.now()

    def write(worker: int) -> None:
        ready.wait()
        for number in range(5):
            # Half of the sources are written by two.
            source = f"{worker // 2 if number % 2 else worker}:{number}"
            usage = Usage(workspace_id, "executions", source, 1, now)
            with shop.parts.database.writing() as connection:
                record(connection, [usage], now)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (ledger,) = shop.rows("SELECT sum(quantity) AS n FROM usage_ledger WHERE meter = 'executions'")
    assert overage(shop) == ledger.n - 5
