"""W9: storage counted characters, and not everything that is stored."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text

from billing.accounts.statuses import DAY_S
from billing.usage.stored_kinds import EXCEPTIONS, EXECUTIONS, OTHERS
from layers.database.models import Base
from tests.billing.shop import Shop
from tests.billing.test_journey import ended

HOUR_S = 3600.0
NAMES = ("event_bytes", "step_bytes", "execution_bytes")
SUMS = f"SELECT {', '.join(NAMES)} FROM execution_size_totals"
SUMMED = (
    f"SELECT {', '.join(f'sum({name})' for name in NAMES)} FROM execution_sizes"
    " GROUP BY workspace_id"
)


def stored(shop: Shop) -> dict[str, int]:
    """What is stored by kind, measured now."""
    shop.jobs().measure()
    found = shop.call("GET", "/billing/usage/storage")
    assert sum(one["bytes"] for one in found["items"]) == found["bytes"]
    assert shop.rows(SUMS) == shop.rows(SUMMED), "kept up with the rows"
    return {one["kind"]: one["bytes"] for one in found["items"]}


def order(shop: Shop, body: Any) -> None:
    assert shop.client.as_other().post("/hooks/orders", json=body).status == 202


def test_a_letter_of_three_bytes_counts_three(shop: Shop) -> None:
    shop.subscribe("team")
    shop.listen()
    order(shop, {"text": ""})
    assert ended(shop) == 1
    before = stored(shop)
    order(shop, {"text": "株" * 10_000})
    assert ended(shop) == 2
    after = stored(shop)
    assert after["events"] - before["events"] >= 30_000
    assert after["steps"] - before["steps"] >= 30_000, "and what its steps gave"


def test_versions_drafts_variables_and_executions_count(shop: Shop) -> None:
    workflow_id = shop.listen()
    first = stored(shop)
    assert {"workflows", "versions"} <= set(first)
    found = shop.call("GET", f"/workflows/{workflow_id}")
    note = "x" * 4_000
    nodes = [{**one, "notes": note} for one in found["nodes"]]
    wish = {"name": "Orders", "nodes": nodes, "connections": found["connections"]}
    shop.call("PUT", f"/workflows/{workflow_id}", wish)
    shop.clock.advance(6 * HOUR_S)
    assert stored(shop)["versions"] - first["versions"] >= 8_000
    shop.call("POST", "/variables", {"name": "long", "value": note}, 201)
    order(shop, {})
    assert ended(shop) == 1
    shop.clock.advance(HOUR_S)
    last = stored(shop)
    assert last["credentials"] >= 4_000
    assert last["executions"] > 0


def test_what_is_deleted_counts_no_more(shop: Shop) -> None:
    shop.listen()
    for _ in range(3):
        order(shop, {"text": "x" * 1_000})
    assert ended(shop) == 3
    before = stored(shop)
    (one, *_others) = shop.call("GET", "/executions")["items"]
    shop.call("DELETE", f"/executions/{one['id']}", status=204)
    after = stored(shop)
    assert before["events"] - after["events"] >= 1_000
    assert before["steps"] - after["steps"] >= 1_000


def test_what_has_not_ended_counts_as_it_is(shop: Shop) -> None:
    shop.listen()
    jobs = shop.jobs()
    order(shop, {"text": "x" * 1_000})
    jobs.measure()
    (row,) = shop.rows("SELECT bytes FROM stored_sizes WHERE kind = 'events'")
    assert row.bytes >= 1_000
    assert not shop.rows("SELECT 1 FROM execution_sizes")
    assert ended(shop) == 1
    shop.clock.advance(HOUR_S)
    jobs.measure()
    assert len(shop.rows("SELECT 1 FROM execution_sizes")) == 1
    (row,) = shop.rows("SELECT bytes FROM stored_sizes WHERE kind = 'events'")
    assert row.bytes >= 1_000


def test_measured_again_it_is_the_same(shop: Shop) -> None:
    shop.listen()
    order(shop, {"text": "x"})
    assert ended(shop) == 1
    assert stored(shop) == stored(shop)
    shop.clock.advance(2 * DAY_S)
    assert stored(shop) == stored(shop)


def test_every_table_of_a_workspace_is_in_the_list_or_an_exception() -> None:
    counted = {table for kind in (*EXECUTIONS, *OTHERS) for table in kind.tables}
    with_texts = {
        name
        for name, table in Base.metadata.tables.items()
        if "workspace_id" in table.columns
        and any(isinstance(one.type, Text) for one in table.columns)
    }
    assert with_texts - counted - set(EXCEPTIONS) == set(), "say whether it counts, and why not"
    assert counted & set(EXCEPTIONS) == set()
    assert all(EXCEPTIONS.values())
