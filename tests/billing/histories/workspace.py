"""One workspace that pays, beside the model that says what is right for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from billing.limits.admission import meter_of
from billing.overage.sending import OverageBilling
from layers.engine.metering import Start
from layers.ids import new_id
from local_emulator.providers.stripe.payment_methods import attach_method
from local_emulator.providers.stripe.records import Object
from tests.billing.histories.model import EXECUTIONS, Bill, Customer
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

GOOD, BAD = "pm_card_visa", "pm_card_chargeCustomerFail"
ADMINISTRATOR = "/instance/invoices"


@dataclass
class Workspace:
    """What its people do, and what is shown to them. ``boss`` is the instance's administrator."""

    name: str
    shop: Shop
    boss: Shop
    model: Customer

    @property
    def now(self) -> int:
        """The moment, in Unix seconds."""
        return int(self.shop.clock.now())

    @property
    def customer_id(self) -> str | None:
        """Who it is at Stripe, once it has asked to pay."""
        found: str | None = self.shop.account().customer_id
        return found

    def settle(self) -> None:
        """Have the product read what happened at Stripe, and send what it has to."""
        accounts, workspace_id = self.shop.parts.accounts, self.shop.person.workspace_id
        if self.customer_id is not None:
            accounts.refresh(workspace_id)
            assert OverageBilling(accounts).bill_workspace(workspace_id)

    # What people do

    def subscribe(self, plan: str, interval: str, seats: int, tries: bool) -> None:
        """Go through Checkout with a good card."""
        currency = self.model.currency
        wish = {"plan": plan, "interval": interval, "seats": seats, "currency": currency}
        session = self.shop.call("POST", "/billing/checkout", wish)
        paid = requests.post(
            session["url"], {"card": GOOD}, allow_redirects=False, timeout=PATIENCE_S
        )
        assert paid.status_code == 303, paid.text
        self.model.card_is_good = True
        self.model.begin(self.now, plan, interval, seats, tries)
        self.settle()

    def change(self, plan: str, interval: str, seats: int) -> None:
        """Look at what it costs, agree, and change at once; what was shown is what is charged."""
        wish = {"plan": plan, "interval": interval, "seats": seats}
        quote = self.shop.call("POST", "/billing/change", {**wish, "preview": True})
        due = self.model.due_for(self.model.quote(self.now, plan, interval, seats))
        assert quote["amount_due"] == due, f"{quote['amount_due']} was shown, not {due}"
        is_paid = self.model.change(self.now, plan, interval, seats)
        agreed = {**wish, "proration_date": quote["proration_date"]}
        self.shop.call("POST", "/billing/change", agreed, 200 if is_paid else 402)
        self.settle()

    def change_later(self, plan: str, interval: str, seats: int) -> None:
        """Change when the period that is paid ends."""
        wish = {"plan": plan, "interval": interval, "seats": seats, "when": "period_end"}
        self.shop.call("POST", "/billing/change", wish)
        self.model.change_later(plan, interval, seats)
        self.settle()

    def cancel(self, ends: bool) -> None:
        """Let it end with its period, or go on."""
        self.shop.call("POST", "/billing/cancel" if ends else "/billing/resume")
        self.model.cancel(ends)

    def use_card(self, is_good: bool) -> None:
        """Pay with another card from now on."""
        customer_id = self.customer_id
        made = attach_method(self.shop.stripe, {"customer": customer_id}, GOOD if is_good else BAD)
        self.settle()
        self.shop.call("PUT", f"/billing/payment-methods/{made['id']}/default")
        self.model.card_is_good = is_good

    def pay(self, bill: Bill) -> None:
        """Pay an open invoice."""
        status = 200 if self.model.card_is_good else 402
        self.shop.call("POST", f"/billing/invoices/{self._id(bill)}/pay", status=status)
        self.model.pay(bill, self.now)

    def use(self, wanted: int) -> None:
        """Begin so many executions, as the gateway does."""
        parts = self.shop.parts
        starts = [
            Start(self.shop.person.workspace_id, "workflow", new_id(), self.shop.clock.now(), False)
            for _ in range(wanted)
        ]
        with parts.database.writing() as connection:
            decided = meter_of(parts.settings).admit(connection, starts)
        admitted = sum(one.refused is None and one.held_for is None for one in decided)
        expected = self.model.use(self.now, wanted)
        assert admitted == expected, f"{admitted} executions of {wanted} began, not {expected}"
        self.settle()

    def choose(self, mode: str, cap: int) -> None:
        """Say what happens at the limit."""
        wish = {"at_limit": {EXECUTIONS: mode}, "overage_caps": {EXECUTIONS: cap}}
        self.shop.call("PUT", "/billing/preferences", wish)
        self.model.chosen, self.model.cap = mode, cap

    # What the administrator does

    def refund(self, bill: Bill, amount: int) -> None:
        """Pay back a part of what was paid."""
        wish = {"amount": amount}
        self.boss.call("POST", f"{ADMINISTRATOR}/{self._id(bill)}/refund", wish, 201)
        self.model.refund(bill, amount)

    def credit(self, bill: Bill, amount: int) -> None:
        """Take back a part of an invoice, onto the balance."""
        wish = {"amount": amount, "reason": "an outage"}
        self.boss.call("POST", f"{ADMINISTRATOR}/{self._id(bill)}/credit", wish, 201)
        self.model.credit(bill, amount)

    # What is compared

    def compare(self, *, whole: bool) -> None:
        """No cent may differ, and no limit either."""
        for name, expected, found in [*self._money(), *(self._limits() if whole else ())]:
            assert found == expected, f"{self.name}, {name}: {found}, by the model {expected}"

    def _money(self) -> list[tuple[str, Any, Any]]:
        model, stripe = self.model, self.shop.stripe
        customer_id = self.customer_id
        if customer_id is None:
            return []
        customer = stripe.records.get("customer", customer_id)
        intents = self._own("payment_intent")
        refunds = [
            one
            for one in stripe.records.all("refund")
            if one["payment_intent"] in {intent["id"] for intent in intents}
        ]
        return [
            ("charged", model.charged, sum(one["amount_received"] for one in intents)),
            ("refunded", model.refunded, sum(one["amount"] for one in refunds)),
            ("balance", model.balance, customer["balance"]),
            (
                "invoices",
                [_bill(one) for one in model.bills],
                [_invoice(one) for one in self._own("invoice")],
            ),
        ]

    def _limits(self) -> list[tuple[str, Any, Any]]:
        model, now = self.model, self.now
        shown = self.shop.subscription()
        (executions,) = [one for one in shown["limits"] if one["name"] == EXECUTIONS]
        pairs: list[tuple[str, Any, Any]] = [
            ("plan", model.plan(now), shown["plan"]),
            ("used", model.used(now), executions["used"]),
            ("included", model.included(EXECUTIONS, now), executions["included"]),
            ("members", model.included("members", now), shown["included"]["members"]),
        ]
        held = model.living
        if held is not None:
            pairs += [("status", held.status, shown["status"])]
            pairs += [("seats", held.seats, shown["seats"])]
        return pairs

    def _own(self, kind: str) -> list[Object]:
        customer_id = self.customer_id
        found = self.shop.stripe.records.all(kind)
        return [one for one in found if one["customer"] == customer_id]

    def _id(self, bill: Bill) -> str:
        return str(self._own("invoice")[self.model.bills.index(bill)]["id"])


def _bill(bill: Bill) -> tuple[Any, ...]:
    owed = bill.owed if bill.status == "open" else 0
    return bill.reason, bill.status, bill.total, bill.paid, owed


def _invoice(invoice: Object) -> tuple[Any, ...]:
    owed = invoice["amount_remaining"] if invoice["status"] == "open" else 0
    paid = invoice["amount_paid"]
    return invoice["billing_reason"], invoice["status"], invoice["total"], paid, owed
