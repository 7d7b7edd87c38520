"""Refunds and credit notes: bounded by the invoice, numbered, with what they made of it."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.shop import Shop


def paid(shop: Shop) -> stripe.Invoice:
    """An invoice over 2000 that is paid."""
    shop.subscribe(shop.pro)
    return shop.v1.invoices.list({"customer": shop.customer.id}).data[0]


def opened(shop: Shop) -> stripe.Invoice:
    """An invoice over 1000 that is not."""
    item: Any = {"customer": shop.customer.id, "amount": 1000, "currency": "eur"}
    shop.v1.invoice_items.create(item)
    wish: Any = {
        "customer": shop.customer.id,
        "pending_invoice_items_behavior": "include",
        "collection_method": "send_invoice",
        "days_until_due": 30,
    }
    invoice = shop.v1.invoices.create(wish)
    return shop.v1.invoices.finalize_invoice(str(invoice.id))


def note(shop: Shop, invoice: stripe.Invoice, **more: Any) -> stripe.CreditNote:
    return shop.v1.credit_notes.create({"invoice": str(invoice.id), **more})


def intent(shop: Shop, invoice: stripe.Invoice) -> str:
    (payment,) = shop.v1.invoice_payments.list({"invoice": str(invoice.id)}).data
    return str(payment.payment.payment_intent)


def test_no_more_is_paid_back_than_was_paid(shop: Shop) -> None:
    invoice = paid(shop)
    of: Any = {"payment_intent": intent(shop, invoice)}
    shop.v1.refunds.create({**of, "amount": 500})
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        shop.v1.refunds.create({**of, "amount": 1501})
    assert shop.v1.refunds.create(of).amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.refunds.create(of)
    assert error.value.code == "charge_already_refunded"
    assert [one.amount for one in shop.v1.refunds.list(of).data] == [1500, 500]


def test_what_was_paid_is_credited_to_the_balance(shop: Shop) -> None:
    invoice = paid(shop)
    made = note(shop, invoice, amount=300, credit_amount=300, memo="Sorry")
    assert (made.type, made.post_payment_amount, made.pre_payment_amount) == (
        "post_payment",
        300,
        0,
    )
    assert made.number == f"{invoice.number}-CN-01"
    assert [one.amount for one in made.lines.data] == [300]
    assert shop.v1.customers.retrieve(shop.customer.id).balance == -300
    assert note(shop, invoice, amount=100, credit_amount=100).number == f"{invoice.number}-CN-02"
    found = shop.v1.invoices.retrieve(str(invoice.id))
    assert (found.status, found.amount_paid, found.post_payment_credit_notes_amount) == (
        "paid",
        2000,
        400,
    )
    assert len(shop.v1.credit_notes.list({"invoice": str(invoice.id)}).data) == 2


def test_what_was_paid_is_paid_back_by_a_note(shop: Shop) -> None:
    invoice = paid(shop)
    made = note(shop, invoice, amount=700, refund_amount=500, out_of_band_amount=200)
    assert made.out_of_band_amount == 200
    (refund,) = shop.v1.refunds.list({"payment_intent": intent(shop, invoice)}).data
    assert (refund.amount, made.to_dict()["refunds"][0]["refund"]) == (500, refund.id)


@pytest.mark.parametrize(
    "given",
    [
        {"amount": 300},
        {"amount": 300, "credit_amount": 200},
        {"amount": 2001, "credit_amount": 2001},
        {"amount": 0},
        {"amount": 300, "credit_amount": 300, "reason": "why not"},
    ],
)
def test_wrong_notes_are_refused_and_change_nothing(shop: Shop, given: Any) -> None:
    invoice = paid(shop)
    with pytest.raises(stripe.InvalidRequestError):
        note(shop, invoice, **given)
    assert shop.v1.customers.retrieve(shop.customer.id).balance == 0
    assert not shop.v1.credit_notes.list({"invoice": str(invoice.id)}).data


def test_notes_and_refunds_together_are_bounded_by_what_was_paid(shop: Shop) -> None:
    invoice = paid(shop)
    note(shop, invoice, amount=500, credit_amount=500)
    refund = shop.v1.refunds.create({"payment_intent": intent(shop, invoice), "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="more than what is left"):
        note(shop, invoice, amount=501, credit_amount=501)
    linked = note(shop, invoice, amount=1000, refunds=[{"refund": refund.id}])
    assert linked.to_dict()["refunds"][0]["amount_refunded"] == 1000
    assert note(shop, invoice, amount=500, credit_amount=500).amount == 500
    with pytest.raises(stripe.InvalidRequestError):
        note(shop, invoice, amount=1, credit_amount=1)


def test_a_note_of_an_open_invoice_leaves_less_to_pay(shop: Shop) -> None:
    invoice = opened(shop)
    made = note(shop, invoice, amount=400)
    assert (made.type, made.pre_payment_amount) == ("pre_payment", 400)
    found = shop.v1.invoices.retrieve(str(invoice.id))
    assert (found.amount_due, found.amount_remaining) == (600, 600)
    assert found.pre_payment_credit_notes_amount == 400
    shop.v1.credit_notes.void_credit_note(made.id)
    assert shop.v1.invoices.retrieve(str(invoice.id)).amount_remaining == 1000
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.credit_notes.void_credit_note(made.id)
    note(shop, invoice, amount=1000)
    found = shop.v1.invoices.retrieve(str(invoice.id))
    assert (found.status, found.amount_paid) == ("paid", 0)


def test_a_note_takes_back_lines(shop: Shop) -> None:
    invoice = paid(shop)
    (line,) = invoice.lines.data
    lines: Any = [{"type": "invoice_line_item", "invoice_line_item": line.id, "amount": 1500}]
    made = note(shop, invoice, lines=lines, credit_amount=1500)
    assert [(one.type, one.amount) for one in made.lines.data] == [("invoice_line_item", 1500)]
    with pytest.raises(stripe.InvalidRequestError, match="left of this line"):
        note(shop, invoice, lines=lines, credit_amount=1500)
    own: Any = [{"type": "custom_line_item", "description": "Hours", "quantity": 2}]
    own[0]["unit_amount"] = 100
    assert note(shop, invoice, lines=own, credit_amount=200).amount == 200
    assert len(shop.v1.credit_notes.line_items.list(made.id).data) == 1


def test_a_note_of_a_draft_or_void_invoice_is_refused(shop: Shop) -> None:
    invoice = opened(shop)
    shop.v1.invoices.void_invoice(str(invoice.id))
    with pytest.raises(stripe.InvalidRequestError, match="void"):
        note(shop, invoice, amount=1)
