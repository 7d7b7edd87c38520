"""Each of Stripe's payment methods for tests: what becomes of it at the first payment and later."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.stripe_emulator.shop import Shop
from tests.waiting import PATIENCE_S

DAY_S = 86_400
HOUR_S = 3_600
REFUSED = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", "processing_error"),
}


@pytest.fixture
def shop(client: stripe.StripeClient) -> Shop:
    return Shop(client)


def press(url: str, **form: str) -> requests.Response:
    """Press a button of an emulated page, without following where it leads."""
    return requests.post(url, data=form, allow_redirects=False, timeout=PATIENCE_S)


def intent_of(client: stripe.StripeClient, invoice_id: Any) -> stripe.PaymentIntent:
    """The payment intent of an invoice."""
    (payment,) = client.v1.invoice_payments.list({"invoice": invoice_id}).data
    return client.v1.payment_intents.retrieve(str(payment.payment.payment_intent))


def consent_url(intent: stripe.PaymentIntent) -> str:
    """Where the bank asks."""
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    return str(intent.next_action.redirect_to_url.url)


def advance(shop: Shop, seconds: int) -> None:
    """Move the shop's clock."""
    clock = shop.v1.test_helpers.test_clocks.retrieve(shop.clock.id)
    shop.v1.test_helpers.test_clocks.advance(
        shop.clock.id, {"frozen_time": clock.frozen_time + seconds}
    )


def bought(shop: Shop, card: str, **more: Any) -> stripe.Subscription:
    """A subscription that is paid with a card; nobody is asked before it is charged."""
    method = shop.v1.payment_methods.attach(card, {"customer": shop.customer.id})
    return shop.subscribe(shop.pro, default_payment_method=method.id, **more)


@pytest.mark.parametrize(("card", "codes"), REFUSED.items())
def test_a_card_that_is_refused_cannot_be_attached(
    shop: Shop, card: str, codes: tuple[str, str]
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        shop.use(card)
    assert caught.value.code == codes[0]
    error: Any = caught.value.error
    assert error.decline_code == codes[1]


def test_cards_of_the_same_number_have_the_same_fingerprint(shop: Shop) -> None:
    def fingerprint(name: str) -> str | None:
        made = shop.v1.payment_methods.attach(name, {"customer": shop.customer.id})
        assert made.card is not None
        return made.card.fingerprint

    assert fingerprint("pm_card_visa") == fingerprint("pm_card_visa")
    assert fingerprint("pm_card_visa") != fingerprint("pm_card_mastercard")


def test_a_card_that_fails_later_leaves_a_charge_that_says_why(
    shop: Shop, client: stripe.StripeClient
) -> None:
    made = bought(shop, "pm_card_chargeCustomerFail")
    assert made.status == "incomplete"
    intent = intent_of(client, made.latest_invoice)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == "generic_decline"
    (charge,) = client.v1.charges.list({"customer": shop.customer.id}).data
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, "card_declined")
    assert charge.outcome is not None
    assert charge.outcome.type == "issuer_declined"


def test_a_card_expires_with_its_month(shop: Shop) -> None:
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": shop.customer.id})
    shop.v1.payment_methods.update(method.id, {"card": {"exp_month": 1, "exp_year": 2026}})
    made = shop.subscribe(shop.pro, default_payment_method=method.id)
    assert made.status == "active"
    advance(shop, 31 * DAY_S + 2 * HOUR_S)
    assert shop.v1.subscriptions.retrieve(made.id).status == "past_due"


@pytest.mark.parametrize(
    ("card", "at_first", "at_renewal"),
    [
        ("pm_card_visa", "active", "active"),
        ("pm_card_authenticationRequired", "incomplete", "past_due"),
        ("pm_card_authenticationRequiredOnSetup", "incomplete", "active"),
        ("pm_card_authenticationRequiredSetupForOffSession", "incomplete", "active"),
    ],
)
def test_who_is_asked_by_the_bank(
    shop: Shop, client: stripe.StripeClient, card: str, at_first: str, at_renewal: str
) -> None:
    made = bought(shop, card)
    assert made.status == at_first
    if at_first == "incomplete":
        intent = intent_of(client, made.latest_invoice)
        assert intent.status == "requires_action"
        assert press(consent_url(intent), do="complete").status_code == 303
        assert intent_of(client, made.latest_invoice).status == "succeeded"
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"
    advance(shop, 31 * DAY_S + 2 * HOUR_S)
    found = shop.v1.subscriptions.retrieve(made.id)
    assert found.status == at_renewal
    if at_renewal == "past_due":
        assert "invoice.payment_action_required" in {
            one.type for one in client.v1.events.list({"limit": 100}).data
        }
        intent = intent_of(client, found.latest_invoice)
        press(consent_url(intent), do="complete")
        assert shop.v1.subscriptions.retrieve(made.id).status == "active"


def test_who_does_not_agree_pays_nothing(shop: Shop, client: stripe.StripeClient) -> None:
    made = bought(shop, "pm_card_authenticationRequired")
    intent = intent_of(client, made.latest_invoice)
    assert press(consent_url(intent), do="fail").status_code == 303
    intent = intent_of(client, made.latest_invoice)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert shop.v1.subscriptions.retrieve(made.id).status == "incomplete"
    advance(shop, 24 * HOUR_S)
    assert shop.v1.subscriptions.retrieve(made.id).status == "incomplete_expired"
    assert shop.v1.payment_intents.retrieve(intent.id).status == "canceled"


@pytest.mark.parametrize(
    "card",
    [
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "pm_card_threeDSecureRequiredChargeDeclined",
    ],
)
def test_a_card_may_be_refused_although_the_bank_was_asked(
    shop: Shop, client: stripe.StripeClient, card: str
) -> None:
    made = bought(shop, card)
    press(consent_url(intent_of(client, made.latest_invoice)), do="complete")
    intent = intent_of(client, made.latest_invoice)
    assert intent.status == "requires_payment_method"
    assert shop.v1.subscriptions.retrieve(made.id).status == "incomplete"


@pytest.mark.parametrize(
    ("name", "status"),
    [("pm_usBankAccount", "paid"), ("pm_usBankAccount_insufficientFunds", "open")],
)
def test_a_bank_debit_comes_out_after_days(
    shop: Shop, client: stripe.StripeClient, name: str, status: str
) -> None:
    made = bought(shop, name)
    assert made.status == "active"
    assert intent_of(client, made.latest_invoice).status == "processing"
    advance(shop, 4 * DAY_S + 60)
    assert client.v1.invoices.retrieve(str(made.latest_invoice)).status == status
    expected = "active" if status == "paid" else "past_due"
    assert shop.v1.subscriptions.retrieve(made.id).status == expected


def test_a_dispute_is_won_or_lost(shop: Shop, client: stripe.StripeClient) -> None:
    bought(shop, "pm_card_createDispute")
    (dispute,) = client.v1.disputes.list().data
    assert dispute.status == "needs_response"
    charge = client.v1.charges.retrieve(str(dispute.charge))
    assert charge.disputed
    evidence: Any = {"evidence": {"uncategorized_text": "winning_evidence"}}
    assert client.v1.disputes.update(dispute.id, evidence).status == "won"


@pytest.mark.parametrize("behaviour", ["default_incomplete", "allow_incomplete"])
def test_a_subscription_may_begin_incomplete(
    shop: Shop, client: stripe.StripeClient, behaviour: str
) -> None:
    made = bought(shop, "pm_card_chargeCustomerFail", payment_behavior=behaviour)
    assert made.status == "incomplete"
    intent = intent_of(client, made.latest_invoice)
    tried = intent.last_payment_error is not None
    assert tried == (behaviour == "allow_incomplete")
    good = shop.v1.payment_methods.attach("pm_card_visa", {"customer": shop.customer.id})
    shop.v1.payment_intents.confirm(intent.id, {"payment_method": good.id})
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"


def test_error_if_incomplete_leaves_nothing(shop: Shop, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError, match=r"additional user action") as caught:
        bought(shop, "pm_card_authenticationRequired", payment_behavior="error_if_incomplete")
    assert caught.value.code == "subscription_payment_intent_requires_action"
    assert client.v1.subscriptions.list({"status": "all"}).data == []


@pytest.fixture
def asked(shop: Shop, client: stripe.StripeClient) -> stripe.Subscription:
    """A subscription with a card of which the bank asks each time, paid for a month."""
    made = bought(shop, "pm_card_authenticationRequired")
    press(consent_url(intent_of(client, made.latest_invoice)), do="complete")
    return shop.v1.subscriptions.retrieve(made.id)


def upgraded(shop: Shop, subscription: stripe.Subscription) -> stripe.Subscription:
    """The dearer price, once it is paid."""
    wish: Any = {
        "items": [{"id": subscription["items"].data[0].id, "price": shop.team.id}],
        "payment_behavior": "pending_if_incomplete",
        "proration_behavior": "always_invoice",
        "metadata": {"plan": "team"},
    }
    return shop.v1.subscriptions.update(subscription.id, wish)


def price_of(subscription: stripe.Subscription) -> str:
    """What a subscription is for."""
    return str(subscription["items"].data[0].price.id)


def test_a_change_waits_for_its_payment(
    shop: Shop, client: stripe.StripeClient, asked: stripe.Subscription
) -> None:
    waiting = upgraded(shop, asked)
    assert price_of(waiting) == shop.pro.id
    assert waiting.pending_update is not None
    now = shop.v1.test_helpers.test_clocks.retrieve(shop.clock.id).frozen_time
    assert waiting.pending_update.expires_at == now + 23 * HOUR_S
    assert "plan" not in waiting.metadata
    intent = intent_of(client, waiting.latest_invoice)
    press(consent_url(intent), do="complete")
    held = shop.v1.subscriptions.retrieve(asked.id)
    assert price_of(held) == shop.team.id
    assert held.pending_update is None
    assert held.metadata["plan"] == "team"


@pytest.mark.parametrize("how", ["expires", "void", "another"])
def test_a_change_that_is_not_paid_is_dropped(
    shop: Shop, client: stripe.StripeClient, asked: stripe.Subscription, how: str
) -> None:
    waiting = upgraded(shop, asked)
    invoice_id = str(waiting.latest_invoice)
    if how == "expires":
        advance(shop, 24 * HOUR_S)
    elif how == "void":
        shop.v1.invoices.void_invoice(invoice_id)
    else:
        upgraded(shop, asked)
    assert shop.v1.invoices.retrieve(invoice_id).status == "void"
    found = shop.v1.subscriptions.retrieve(asked.id)
    assert price_of(found) == shop.pro.id
    assert (found.pending_update is None) == (how != "another")


def test_a_trial_that_is_over_ends_no_change_that_waits(
    shop: Shop, client: stripe.StripeClient
) -> None:
    made = bought(shop, "pm_card_authenticationRequired", trial_period_days=3)
    ended = shop.v1.subscriptions.update(made.id, {"trial_end": "now"})
    press(consent_url(intent_of(client, ended.latest_invoice)), do="complete")
    now = shop.v1.test_helpers.test_clocks.retrieve(shop.clock.id).frozen_time
    waiting = upgraded(shop, shop.v1.subscriptions.retrieve(made.id))
    assert waiting.pending_update is not None
    assert waiting.pending_update.expires_at == now + 23 * HOUR_S
    advance(shop, HOUR_S)
    assert shop.v1.subscriptions.retrieve(made.id).pending_update is not None


def test_a_paid_change_holds_at_once(shop: Shop) -> None:
    made = bought(shop, "pm_card_visa")
    held = upgraded(shop, made)
    assert held.pending_update is None
    assert price_of(held) == shop.team.id


def test_what_waits_cannot_be_mixed_with_what_does_not(
    shop: Shop, asked: stripe.Subscription
) -> None:
    wish: Any = {"payment_behavior": "pending_if_incomplete", "cancel_at_period_end": True}
    with pytest.raises(stripe.InvalidRequestError, match="cancel_at_period_end"):
        shop.v1.subscriptions.update(asked.id, wish)


def test_a_card_is_kept_with_the_banks_consent(
    shop: Shop, client: stripe.StripeClient, emulator: StripeEmulator
) -> None:
    wish: Any = {"customer": shop.customer.id, "payment_method": "pm_card_authenticationRequired"}
    intent = client.v1.setup_intents.create(wish)
    assert intent.status == "requires_action"
    page = f"{emulator.url}/authenticate/{intent.id}"
    assert "Complete" in requests.get(page, timeout=PATIENCE_S).text
    press(page, do="complete")
    assert client.v1.setup_intents.retrieve(intent.id).status == "succeeded"


class Page:
    """A page of Checkout, as a person's browser has it."""

    def __init__(self, shop: Shop, client: stripe.StripeClient, **more: Any) -> None:
        wish: Any = {
            "mode": "subscription",
            "customer": shop.customer.id,
            "line_items": [{"price": shop.pro.id, "quantity": 1}],
            "success_url": "http://127.0.0.1:1/done",
            "cancel_url": "http://127.0.0.1:1/back",
            **more,
        }
        self.client = client
        self.id = client.v1.checkout.sessions.create(wish).id

    @property
    def session(self) -> stripe.checkout.Session:
        """The session as it is now."""
        return self.client.v1.checkout.sessions.retrieve(self.id)

    def pay(self, card: str) -> requests.Response:
        """Pay with a card."""
        return press(str(self.session.url), card=card)


def test_checkout_leads_over_the_bank(shop: Shop, client: stripe.StripeClient) -> None:
    page = Page(shop, client)
    answer = page.pay("pm_card_authenticationRequired")
    assert "/authenticate/" in answer.headers["location"]
    assert page.session.status == "open"
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    failed = press(answer.headers["location"], do="fail")
    assert failed.headers["location"] == page.session.url
    shown = requests.get(str(page.session.url), timeout=PATIENCE_S).text
    assert "unable to authenticate" in shown
    again = page.pay("pm_card_authenticationRequired")
    done = press(again.headers["location"], do="complete")
    assert done.headers["location"] == "http://127.0.0.1:1/done"
    (made,) = client.v1.subscriptions.list().data
    assert made.status == "active"
    assert page.session.payment_status == "paid"


@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_chargeCustomerFail"])
def test_checkout_tells_of_a_refused_card_and_takes_another(
    shop: Shop, client: stripe.StripeClient, card: str
) -> None:
    page = Page(shop, client)
    refused = page.pay(card)
    assert refused.status_code == 402
    assert "Your card was declined." in refused.text
    assert "Pay with 4242" in refused.text
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    assert page.pay("pm_card_visa").status_code == 303
    assert page.session.status == "complete"


def test_a_trial_keeps_a_card_with_consent(shop: Shop, client: stripe.StripeClient) -> None:
    page = Page(shop, client, subscription_data={"trial_period_days": 14})
    answer = page.pay("pm_card_authenticationRequiredOnSetup")
    press(answer.headers["location"], do="complete")
    assert page.session.payment_status == "no_payment_required"
    (made,) = client.v1.subscriptions.list().data
    assert made.status == "trialing"
    advance(shop, 14 * DAY_S + 2 * HOUR_S)
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"


def test_an_open_invoice_is_paid_on_its_page(shop: Shop, client: stripe.StripeClient) -> None:
    made = bought(shop, "pm_card_chargeCustomerFail")
    url = str(client.v1.invoices.retrieve(str(made.latest_invoice)).hosted_invoice_url)
    refused = press(url, card="pm_card_chargeDeclined")
    assert refused.status_code == 402
    assert "declined" in refused.text
    asked_page = press(url, card="pm_card_authenticationRequired").headers["location"]
    assert press(asked_page, do="complete").headers["location"] == url
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"
    assert "paid" in requests.get(url, timeout=PATIENCE_S).text
