"""W20: no line for what is included, tokens spelled right, and no usage shown twice."""

from __future__ import annotations

from tests.billing.findings.bills import invoices, overage_lines, renew
from tests.billing.shop import Shop
from tests.billing.usages import agree, use


def test_w20_what_is_included_has_no_line(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 5)
    renew(shop)
    (line,) = invoices(shop)[0]["lines"]
    assert line["amount"] == 2000


def test_w20_a_line_is_what_went_beyond_and_no_more(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 1000, "ai_tokens")
    use(shop, 2_000_600, meter="ai_input_tokens")
    renew(shop)
    (line,) = overage_lines(shop, "ai_tokens")
    assert line["description"].startswith("AI tokens beyond Treadle Pro, 31 Jan 2026 to 28 Feb")
    assert (line["quantity"], line["amount"]) == (600, 1)
    assert [one["quantity"] for one in line["usage"]] == [600]
    names = {one["id"]: one["name"] for one in shop.stripe.records.all("product")}
    assert names["treadle_pro_ai_tokens"] == "AI tokens beyond Treadle Pro"
