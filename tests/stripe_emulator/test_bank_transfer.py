"""Invoices that are sent, and paid by bank transfer."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from local_emulator.providers.stripe.cash_balances import iban
from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.stripe_emulator.shop import Shop
from tests.stripe_emulator.test_payment_methods import DAY_S, HOUR_S, advance
from tests.waiting import PATIENCE_S


@pytest.fixture
def contract(client: stripe.StripeClient) -> Shop:
    """A shop whose customer gets invoices to be paid within 14 days: 20.00 a month."""
    shop = Shop(client)
    shop.subscribe(shop.pro, collection_method="send_invoice", days_until_due=14)
    return shop


def transfer(emulator: StripeEmulator, shop: Shop, amount: int, reference: str = "") -> None:
    """Have money arrive from the customer."""
    answer = requests.post(
        f"{emulator.url}/v1/test_helpers/customers/{shop.customer.id}/fund_cash_balance",
        data={"amount": amount, "currency": "eur", "reference": reference},
        auth=(emulator.api_key, ""),
        timeout=PATIENCE_S,
    )
    answer.raise_for_status()


def invoices(shop: Shop) -> list[stripe.Invoice]:
    """All invoices, the oldest first."""
    return shop.v1.invoices.list({"customer": shop.customer.id}).data[::-1]


def test_an_account_number_has_its_check_digits() -> None:
    assert iban("DE", "370400440532013000") == "DE89370400440532013000"


def test_funding_instructions_name_the_same_account(contract: Shop) -> None:
    wish: Any = {
        "currency": "eur",
        "funding_type": "bank_transfer",
        "bank_transfer": {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}},
    }
    call = contract.v1.customers.funding_instructions.create
    first, second = (call(contract.customer.id, wish) for _ in range(2))
    address = first.bank_transfer.financial_addresses[0]
    assert address.iban is not None
    assert address.iban.iban.startswith("DE")
    assert first.to_dict() == second.to_dict()


def test_a_transfer_pays_the_invoice(contract: Shop, emulator: StripeEmulator) -> None:
    (sent,) = invoices(contract)
    assert (sent.status, sent.collection_method) == ("open", "send_invoice")
    assert sent.due_date == sent.created + 14 * DAY_S
    transfer(emulator, contract, 2000)
    (paid,) = invoices(contract)
    assert (paid.status, paid.amount_paid) == ("paid", 2000)


def test_a_part_leaves_the_rest_due(contract: Shop, emulator: StripeEmulator) -> None:
    transfer(emulator, contract, 1500)
    (part,) = invoices(contract)
    assert (part.status, part.amount_paid, part.amount_remaining) == ("open", 1500, 500)
    transfer(emulator, contract, 500)
    assert [one.status for one in invoices(contract)] == ["paid"]


def test_what_is_too_much_pays_the_next_invoice(contract: Shop, emulator: StripeEmulator) -> None:
    transfer(emulator, contract, 3000)
    balance = contract.v1.customers.cash_balance.retrieve(contract.customer.id)
    assert balance.available is not None
    assert balance.to_dict()["available"] == {"eur": 1000}
    advance(contract, 31 * DAY_S + 2 * HOUR_S)
    second = invoices(contract)[-1]
    assert (second.status, second.amount_remaining) == ("open", 1000)


def test_the_reference_chooses_the_invoice(contract: Shop, emulator: StripeEmulator) -> None:
    advance(contract, 31 * DAY_S + 2 * HOUR_S)
    first, second = invoices(contract)
    transfer(emulator, contract, 2000, f"Invoice {second.number}")
    assert [one.status for one in invoices(contract)] == ["open", "paid"]
    assert first.number != second.number


def test_what_is_not_paid_in_time_is_past_due(contract: Shop, emulator: StripeEmulator) -> None:
    advance(contract, 14 * DAY_S + 60)
    (subscription,) = contract.v1.subscriptions.list({"customer": contract.customer.id}).data
    assert subscription.status == "past_due"
    transfer(emulator, contract, 2000)
    assert contract.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_the_page_says_where_to_pay_to(contract: Shop) -> None:
    (sent,) = invoices(contract)
    shown = requests.get(str(sent.hosted_invoice_url), timeout=PATIENCE_S).text
    assert "DE" in shown
    assert str(sent.number) in shown
