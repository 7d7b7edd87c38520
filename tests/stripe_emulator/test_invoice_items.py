"""Invoice items: priced, pending, swept onto the next invoice, changed on a draft."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.shop import Shop, at


@pytest.fixture
def overage(shop: Shop) -> stripe.Price:
    """0.2 cents each."""
    wish: Any = {"product": shop.product.id, "currency": "eur", "unit_amount_decimal": "0.2"}
    return shop.v1.prices.create(wish)


def add(shop: Shop, price: stripe.Price, quantity: int, **more: Any) -> stripe.InvoiceItem:
    wish: Any = {
        "customer": shop.customer.id,
        "pricing": {"price": price.id},
        "quantity": quantity,
        **more,
    }
    return shop.v1.invoice_items.create(wish)


def newest(shop: Shop) -> stripe.Invoice:
    return shop.v1.invoices.list({"customer": shop.customer.id}).data[0]


def test_amount_is_quantity_times_the_decimal_rounded_once(
    shop: Shop, overage: stripe.Price
) -> None:
    assert overage.unit_amount is None
    assert str(overage.unit_amount_decimal) == "0.2"
    item = add(shop, overage, 5_003)
    assert (item.amount, item.quantity, item.currency, item.invoice) == (1001, 5003, "eur", None)
    assert item.description == "Pro"


def test_an_item_waits_for_the_next_invoice_of_its_subscription(
    shop: Shop, overage: stripe.Price
) -> None:
    one, other = shop.subscribe(shop.pro), shop.subscribe(shop.team)
    item = add(shop, overage, 1_000, subscription=one.id, metadata={"limit": "executions"})
    preview = shop.v1.invoices.create_preview({"subscription": one.id})
    assert preview.total == 2200
    assert shop.v1.invoices.create_preview({"subscription": other.id}).total == 5000
    shop.advance("2026-02-16")
    found = shop.v1.invoices.list({"subscription": one.id}).data[0]
    assert found.total == 2200
    (line,) = [x for x in found.lines.data if x.amount == 200]
    assert line.to_dict()["parent"]["invoice_item_details"]["invoice_item"] == item.id
    assert line.metadata["limit"] == "executions"
    assert shop.v1.invoice_items.retrieve(item.id).invoice == found.id
    assert shop.v1.invoices.list({"subscription": other.id}).data[0].total == 5000


def test_an_item_of_no_subscription_goes_onto_the_next_invoice_there_is(
    shop: Shop, overage: stripe.Price
) -> None:
    subscription = shop.subscribe(shop.pro)
    add(shop, overage, 1_000)
    shop.advance("2026-01-20")
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    assert 200 in [one.amount for one in newest(shop).lines.data]


def test_a_renewal_is_a_draft_for_an_hour_and_may_be_changed(
    shop: Shop, overage: stripe.Price
) -> None:
    subscription = shop.subscribe(shop.pro)
    item = add(shop, overage, 1_000, subscription=subscription.id)
    shop.advance("2026-02-15T00:30:00")
    draft = newest(shop)
    assert (draft.status, draft.number, draft.total) == ("draft", None, 2200)
    assert draft.automatically_finalizes_at == at("2026-02-15T01:00:00")
    shop.v1.invoice_items.update(item.id, {"quantity": 2_000})
    late = add(shop, overage, 500, invoice=draft.id)
    gone = add(shop, overage, 500, invoice=draft.id)
    shop.v1.invoice_items.delete(gone.id)
    assert shop.v1.invoices.retrieve(draft.id).total == 2000 + 400 + 100
    shop.advance("2026-02-15T01:00:01")
    paid = shop.v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.amount_paid) == ("paid", 2500)
    for refused in (
        lambda: shop.v1.invoice_items.update(late.id, {"quantity": 1}),
        lambda: shop.v1.invoice_items.delete(late.id),
        lambda: add(shop, overage, 1, invoice=draft.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as error:
            refused()
        assert error.value.code == "invoice_not_editable"


def test_pending_items_are_listed_and_deleted(shop: Shop, overage: stripe.Price) -> None:
    item = add(shop, overage, 10)
    listing: Any = {"customer": shop.customer.id, "pending": True}
    assert [one.id for one in shop.v1.invoice_items.list(listing).data] == [item.id]
    shop.v1.invoice_items.delete(item.id)
    assert not shop.v1.invoice_items.list(listing).data


def test_an_invoice_is_made_by_hand(shop: Shop, overage: stripe.Price) -> None:
    add(shop, overage, 5_000, description="Executions in January")
    wish: Any = {
        "customer": shop.customer.id,
        "pending_invoice_items_behavior": "include",
        "description": "Overage",
        "metadata": {"month": "1"},
    }
    invoice = shop.v1.invoices.create(wish)
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("draft", 1000, "manual")
    assert invoice.parent is None
    assert [one.description for one in shop.v1.invoices.line_items.list(str(invoice.id)).data] == [
        "Executions in January"
    ]
    assert shop.v1.invoices.finalize_invoice(str(invoice.id)).status == "open"
    assert shop.v1.invoices.pay(str(invoice.id)).status == "paid"


def test_an_invoice_by_hand_leaves_pending_items_unless_asked(
    shop: Shop, overage: stripe.Price
) -> None:
    add(shop, overage, 5_000)
    invoice = shop.v1.invoices.create({"customer": shop.customer.id})
    assert invoice.total == 0
    assert shop.v1.invoices.delete(str(invoice.id)).deleted


def test_an_invoice_is_sent_with_a_date_when_it_is_due(shop: Shop, overage: stripe.Price) -> None:
    add(shop, overage, 5_000)
    wish: Any = {
        "customer": shop.customer.id,
        "pending_invoice_items_behavior": "include",
        "collection_method": "send_invoice",
        "days_until_due": 14,
    }
    invoice = shop.v1.invoices.create(wish)
    assert invoice.due_date == at("2026-01-29")
    sent = shop.v1.invoices.send_invoice(str(invoice.id))
    assert (sent.status, sent.amount_remaining) == ("open", 1000)
    assert shop.v1.invoices.mark_uncollectible(str(invoice.id)).status == "uncollectible"
    assert shop.v1.invoices.void_invoice(str(invoice.id)).status == "void"


def test_an_invoice_for_a_subscription_takes_only_its_items(
    shop: Shop, overage: stripe.Price
) -> None:
    subscription = shop.subscribe(shop.pro)
    with pytest.raises(stripe.InvalidRequestError, match="Nothing to invoice"):
        shop.v1.invoices.create({"customer": shop.customer.id, "subscription": subscription.id})
    add(shop, overage, 1_000)
    add(shop, overage, 5_000, subscription=subscription.id)
    invoice = shop.v1.invoices.create(
        {"customer": shop.customer.id, "subscription": subscription.id}
    )
    assert invoice.total == 1000


def test_what_is_too_little_to_charge_is_owed_with_the_next_invoice(
    shop: Shop, overage: stripe.Price
) -> None:
    shop.subscribe(shop.pro)
    add(shop, overage, 100)
    wish: Any = {"customer": shop.customer.id, "pending_invoice_items_behavior": "include"}
    invoice = shop.v1.invoices.create(wish)
    paid = shop.v1.invoices.finalize_invoice(str(invoice.id))
    assert (paid.status, paid.total, paid.amount_due) == ("paid", 20, 0)
    assert shop.v1.customers.retrieve(shop.customer.id).balance == 20
    shop.advance("2026-02-16")
    assert newest(shop).amount_paid == 2020


def test_a_voided_invoice_gives_back_what_it_took_from_the_balance(
    shop: Shop, overage: stripe.Price
) -> None:
    credit: Any = {"amount": -300, "currency": "eur"}
    shop.v1.customers.balance_transactions.create(shop.customer.id, credit)
    add(shop, overage, 5_000)
    wish: Any = {"customer": shop.customer.id, "pending_invoice_items_behavior": "include"}
    invoice = shop.v1.invoices.create(wish)
    opened = shop.v1.invoices.finalize_invoice(str(invoice.id), {"auto_advance": False})
    assert (opened.amount_due, opened.ending_balance) == (700, 0)
    shop.v1.invoices.void_invoice(str(invoice.id))
    assert shop.v1.customers.retrieve(shop.customer.id).balance == -300
    moves = shop.v1.customers.balance_transactions.list(shop.customer.id).data
    assert [(one.type, one.amount) for one in moves] == [
        ("unapplied_from_invoice", -300),
        ("applied_to_invoice", 300),
        ("adjustment", -300),
    ]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"amount": 5, "currency": "usd"}, "currency"),
        ({"amount": 5, "currency": "eur", "quantity": 2}, None),
        ({}, "amount"),
        ({"amount": 5, "currency": "eur", "subscription": "sub_none"}, "subscription"),
        ({"amount": 5, "currency": "eur", "invoice": "in_none"}, "invoice"),
        ({"amount": 5, "currency": "eur", "period": {"start": 2, "end": 1}}, "period[end]"),
    ],
)
def test_wrong_items_are_refused(shop: Shop, wrong: Any, param: str | None) -> None:
    shop.subscribe(shop.pro)
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.invoice_items.create({"customer": shop.customer.id, **wrong})
    assert error.value.param == param
    assert not shop.v1.invoice_items.list({"customer": shop.customer.id}).data


def test_a_recurring_price_is_for_no_item(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="type=recurring"):
        add(shop, shop.pro, 1)


def test_a_credit_takes_off_what_comes(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    wish: Any = {
        "customer": shop.customer.id,
        "subscription": subscription.id,
        "amount": -500,
        "currency": "eur",
        "description": "Prepaid credits",
    }
    assert not shop.v1.invoice_items.create(wish).discountable
    shop.advance("2026-02-16")
    assert newest(shop).total == 1500


def test_a_change_without_an_invoice_leaves_its_proration_pending(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    shop.advance("2026-01-31T12:00:00")
    shop.change(subscription, shop.team, proration_behavior="create_prorations")
    waiting = shop.v1.invoice_items.list({"customer": shop.customer.id, "pending": True}).data
    assert len(waiting) == 2
    assert all(one.proration for one in waiting)
    shop.advance("2026-02-16")
    assert newest(shop).total == 5000 + sum(one.amount for one in waiting)
