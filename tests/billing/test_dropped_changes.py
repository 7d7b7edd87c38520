"""What was on the invoice of a change that was dropped is billed once, with the next invoice."""

from __future__ import annotations

from billing.overage.dropped import is_dropped
from billing.overage.sending import OverageBilling
from tests.billing.paying import CONSENT, DAY_S, HOUR_S, consent_url, subscribe
from tests.billing.shop import Shop
from tests.billing.usages import agree, use

BEYOND = 1000
AMOUNT = 200
"""Cents: what so many executions cost beyond Pro."""


def send(shop: Shop) -> None:
    """What the job for overage does every minute."""
    OverageBilling(shop.parts.accounts).bill()


def use_beyond(shop: Shop) -> None:
    agree(shop, BEYOND)
    use(shop, 5 + BEYOND)
    send(shop)


def waiting(shop: Shop) -> list[int]:
    """The amounts of what waits for an invoice at Stripe."""
    items = shop.stripe.records.all("invoiceitem")
    return [one["amount"] for one in items if one["invoice"] is None]


def on_invoices(shop: Shop) -> list[tuple[str, str, int]]:
    """Each line of usage beyond the plan: of which invoice, how that stands, and its amount."""
    return [
        (invoice["billing_reason"], invoice["status"], line["amount"])
        for invoice in shop.stripe.records.all("invoice")
        for line in invoice["lines"]["data"]
        if "beyond" in line["description"]
    ]


def have_a_change_refused(shop: Shop) -> None:
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(60)
    shop.call("POST", "/billing/change", {"plan": "team"}, 402)
    shop.deliver()


def test_it_waits_again_as_soon_as_the_change_is_dropped(shop: Shop) -> None:
    shop.subscribe("pro")
    use_beyond(shop)
    assert waiting(shop) == [AMOUNT]
    have_a_change_refused(shop)
    assert on_invoices(shop) == [("subscription_update", "void", AMOUNT)]
    send(shop)
    assert waiting(shop) == [AMOUNT]
    send(shop)
    assert waiting(shop) == [AMOUNT], "once"


def test_the_next_change_shows_and_charges_it(shop: Shop) -> None:
    shop.subscribe("pro")
    use_beyond(shop)
    have_a_change_refused(shop)
    shop.use_card("pm_card_visa")
    shop.go_on(60)
    quote = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    assert AMOUNT in [line["amount"] for line in quote["lines"]]
    shop.call("POST", "/billing/change", {"plan": "team"})
    assert on_invoices(shop)[1:] == [("subscription_update", "paid", AMOUNT)]


def test_the_last_invoice_of_a_subscription_that_ends_has_it_once(shop: Shop) -> None:
    shop.subscribe("pro")
    use_beyond(shop)
    have_a_change_refused(shop)
    shop.use_card("pm_card_visa")
    shop.call("POST", "/billing/cancel")
    send(shop)
    shop.go_on(28 * DAY_S)
    for _hour in range(6):
        send(shop)
        shop.go_on(HOUR_S)
    shop.go_on(100 * DAY_S)
    send(shop)
    assert on_invoices(shop)[1:] == [("subscription_cycle", "paid", AMOUNT)]
    assert waiting(shop) == []


def test_it_waits_again_when_nobody_agrees_to_the_change(shop: Shop) -> None:
    subscribe(shop, "pro", CONSENT)
    use_beyond(shop)
    shop.go_on(60)
    shop.call("POST", "/billing/change", {"plan": "team"})
    send(shop)
    assert (waiting(shop), len(consent_url(shop)) > 0) == ([], True)
    shop.go_on(DAY_S)
    send(shop)
    assert waiting(shop) == [AMOUNT]


def test_a_renewal_that_is_voided_is_not_billed_again() -> None:
    assert is_dropped({"status": "void", "billing_reason": "subscription_update"})
    assert not is_dropped({"status": "void", "billing_reason": "subscription_cycle"})
