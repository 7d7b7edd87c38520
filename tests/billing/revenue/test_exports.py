"""What the accountant downloads: every document, in the currency's own unit, harmless to open."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import text

from billing.accounts.statuses import DAY_S
from billing.revenue.tables import harmless
from tests.billing.conftest import JANUARY_31
from tests.billing.shop import Shop
from tests.database.test_migrations import insert


def downloaded(shop: Shop, path: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    answer = shop.person.program.get(f"/api/v1/instance/{path}")
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_every_invoice_is_a_row(shop: Shop) -> None:
    shop.subscribe("pro", "year", currency="jpy")
    (row,) = downloaded(shop, "revenue.csv")
    assert row | {"number": "", "invoice": "", "customer": ""} == {
        "date": "2026-01-31",
        "kind": "invoice",
        "number": "",
        "invoice": "",
        "customer": "",
        "country": "",
        "tax_id": "",
        "net": "28800",
        "tax": "0",
        "gross": "28800",
        "currency": "JPY",
        "status": "paid",
        "paid_on": "2026-01-31",
        "workspace_id": shop.person.workspace_id,
    }
    assert row["number"] == shop.call("GET", "/billing/invoices")["items"][0]["number"]


def kept(shop: Shop, table: str, **row: Any) -> None:
    with shop.parts.database.writing() as connection:
        insert(connection, table, {"workspace_id": shop.person.workspace_id, **row})


def test_credit_notes_and_refunds_are_rows_of_their_own(shop: Shop) -> None:
    shop.subscribe("pro")
    (invoice,) = shop.rows("SELECT * FROM invoices")
    data = {
        **json.loads(invoice.data),
        "tax": 380,
        "customer_name": "=HYPERLINK(0)",
        "customer_address": {"country": "DE"},
        "customer_tax_ids": [{"type": "eu_vat", "value": "DE123456789"}],
    }
    with shop.parts.database.writing() as connection:
        wish = text("UPDATE invoices SET total = 2380, amount_paid = 2380, data = :data")
        connection.execute(wish, {"data": json.dumps(data)})
    own = {"currency": "usd", "invoice_id": invoice.id}
    taxes = {"taxes": [{"amount": 38, "taxable_amount": 200}], "pre_payment": 0}
    kept(
        shop,
        "credit_notes",
        **{**own, "id": "cn_1", "number": "A-1-CN-01", "status": "issued", "amount": 238},
        type="post_payment",
        created_at=JANUARY_31 + 60,
        data=json.dumps(taxes),
    )
    refund = {**own, "payment_id": "ch_1", "status": "succeeded", "amount": 238}
    kept(shop, "refunds", **refund, id="re_1", created_at=JANUARY_31 + 120)
    kept(shop, "refunds", **{**refund, "status": "failed"}, id="re_2", created_at=JANUARY_31 + 130)
    shop.clock.moment += DAY_S
    rows = downloaded(shop, "revenue.csv")
    shown = ("kind", "net", "tax", "gross", "currency", "status")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("invoice", "20.00", "3.80", "23.80", "USD", "paid"),
        ("credit_note", "-2.00", "-0.38", "-2.38", "USD", "issued"),
        ("refund", "", "", "-2.38", "USD", "succeeded"),
        ("refund", "", "", "-2.38", "USD", "failed"),
    ]
    assert {row["invoice"] for row in rows} == {invoice.number}
    assert {(row["customer"], row["country"], row["tax_id"]) for row in rows} == {
        ("'=HYPERLINK(0)", "DE", "DE123456789")
    }

    receipts = shop.call("GET", "/instance/revenue")["receipts"]
    assert receipts["gross"] == {"usd": 2380}
    assert receipts["refunded"] == {"usd": 238}, "what failed was not paid back"
    assert receipts["net"] == {"usd": 2142}
    assert receipts["credited"] == {"usd": 238}
    assert receipts["tax"] == {"usd": 342}


def test_only_what_is_of_the_time(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.go_on(30 * DAY_S)
    assert len(downloaded(shop, "revenue.csv?from=2026-01-01")) == 2
    (row,) = downloaded(shop, "revenue.csv?from=2026-02-01&to=2026-03-01")
    assert row["date"] == "2026-02-28"
    shop.call("GET", "/instance/revenue.csv?from=2026-02-01&to=2026-01-01", status=422)


def test_months_are_rows_by_currency(shop: Shop) -> None:
    shop.subscribe("pro", "year")
    shop.go_on(30 * DAY_S)
    january, february, march = downloaded(shop, "revenue/months.csv?from=2026-01-01&to=2026-03-02")
    assert (january["month"], january["currency"], january["mrr_new"]) == (
        "2026-01",
        "USD",
        "16.00",
    )
    assert january["received_net"] == "192.00"
    assert (february["mrr_opening"], february["mrr_closing"]) == ("16.00", "16.00")
    assert (february["gross_churn"], february["received_net"]) == ("0.000000", "0.00")
    assert march["month"] == "2026-03"


@pytest.mark.parametrize("path", ["/instance/revenue.csv", "/instance/revenue/months.csv"])
def test_only_the_administrator_may(shop: Shop, sign_up: Any, path: str) -> None:
    other = sign_up("Bob")
    assert other.program.get(f"/api/v1{path}").status == 403


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "＝1"])
def test_formulas_are_texts(value: str) -> None:
    assert harmless(value) == f"'{value}"
    assert harmless(f"a{value}") == f"a{value}"
