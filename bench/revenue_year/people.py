"""A workspace of the simulated year: what its people need, decide and pay."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from bench.revenue_year.assumptions import Assumptions
from bench.revenue_year.world import World
from billing.accounts.accounts import Person
from billing.accounts.statuses import DAY_S
from billing.accounts.subscriptions import PlanChoice
from billing.limits.entitlements import Entitlements, entitlements_of
from billing.limits.preferences import store_preferences
from billing.usage.ledger import record, used_in
from layers.engine.metering import Usage
from layers.errors import TreadleError

MONTH_DAYS = 30.4
USED_DAYS = 10
"""Usage is written down all so many days, so that a year does not take hours."""
FREE_EXECUTIONS = 1000
BACK = "https://treadle.example/settings/billing"


@dataclass
class Inhabitant:
    """One workspace. What is noted on it is what the analysis asks about."""

    world: World
    assumed: Assumptions
    chance: random.Random
    number: int
    workspace_id: str = ""
    age: int = 0
    executions: float = 0.0
    tokens: float = 0.0
    was_full: set[str] = field(default_factory=set)
    """Of which plans a limit was reached."""
    full_days: dict[str, int] = field(default_factory=dict)
    trial_reason: str | None = None
    agreed: bool = False
    """To pay for what is beyond the plan."""
    coupon: bool = False
    currency: str = "usd"
    plans: list[str] = field(default_factory=list)
    wants_to_leave: bool = False
    refused: int = 0
    """How many executions found no room."""

    def arrive(self) -> None:
        """Sign up."""
        chance, assumed = self.chance, self.assumed
        self.workspace_id = self.world.workspace()
        self.executions = chance.lognormvariate(math.log(assumed.median_executions), assumed.spread)
        if chance.random() < assumed.uses_ai:
            self.tokens = chance.lognormvariate(math.log(assumed.median_tokens), 1.6)
        kinds, weights = zip(*assumed.currencies.items(), strict=True)
        (self.currency,) = chance.choices(kinds, weights)
        self.coupon = chance.random() < assumed.coupon

    def live(self) -> None:
        """A day: use, and decide."""
        self.age += 1
        self.executions *= (1 + self.assumed.growth) ** (1 / MONTH_DAYS)
        account = self.world.account(self.workspace_id)
        if self.age % USED_DAYS == 0:
            self._use(USED_DAYS)
        try:
            self._decide(account)
        except TreadleError as error:
            self.world.problems.append(f"{self.number} {account.status}: {error.detail}")

    def _decide(self, account: Row[Any]) -> None:
        status = account.status
        if status in {None, "canceled", "incomplete_expired"}:
            self._decide_without(account)
        elif status == "trialing":
            self._decide_in_trial(account)
        elif status in {"past_due", "unpaid"}:
            self._decide_in_debt(account)
        elif status == "active":
            self._decide_paying(account)

    def _decide_without(self, account: Row[Any]) -> None:
        assumed = self.assumed
        if account.status == "canceled":
            if not self.plans or not self._happens(self._monthly(assumed.comes_back)):
                return
            self._subscribe("back")
        elif self.full_days.get("free") and self._happens(assumed.tries_at_limit):
            self._subscribe("limit")
        elif self.age <= assumed.curious_days and self._happens(assumed.tries_when_curious):
            self._subscribe("curious")

    def _subscribe(self, why: str) -> None:
        needs_team = self.executions > self.assumed.team_above
        begins_small = self._happens(self.assumed.begins_small)
        plan = "team" if needs_team and not begins_small else "pro"
        interval = "year" if self._happens(self.assumed.yearly) else "month"
        seats = 1
        if plan == "team":
            (seats,) = self.chance.choices((1, 2, 3, 4), self.assumed.seats)
        company = f"company{self.number}"
        person = Person(self.workspace_id, company, f"a@{company}.example", user_id=company)
        choice = PlanChoice(plan, "year" if interval == "year" else "month", seats)
        world = self.world
        session = world.subscriptions.checkout(person, choice, self.currency, BACK)
        if not world.pay(session["url"]):
            world.problems.append(f"{self.number}: Checkout refused the card")
            return
        world.hear()
        account = world.account(self.workspace_id)
        if why != "back":
            self.trial_reason = why
            needs = self.executions > FREE_EXECUTIONS
            leaves = self.assumed.leaves_trial if needs else self.assumed.leaves_trial_unneeded
            self.wants_to_leave = account.status == "trialing" and self._happens(leaves)
        self.plans.append(f"{plan} {interval}")
        if self.coupon and account.subscription_id:
            self.coupon = False
            path = f"/v1/subscriptions/{account.subscription_id}"
            world.call("POST", path, **{"discounts[0][coupon]": "LAUNCH"})
            world.hear()

    def _decide_in_trial(self, account: Row[Any]) -> None:
        left = (account.trial_end - self.world.clock.now()) / DAY_S
        leaves = self.wants_to_leave and not account.cancel_at_period_end
        if leaves and (left <= 1.1 or self._happens(0.15)):
            self._leave()
        elif left <= 1.1 and self._happens(self.assumed.card_fails_after_trial):
            self.world.use_card(account, "pm_card_chargeCustomerFail")

    def _decide_in_debt(self, account: Row[Any]) -> None:
        if self._happens(self.assumed.mends_card):
            self.world.use_card(account, "pm_card_visa")
            invoices = self.world.call(
                "GET", f"/v1/invoices?customer={account.customer_id}&status=open&limit=100"
            )
            for one in invoices["data"]:
                self.world.call("POST", f"/v1/invoices/{one['id']}/pay")
            self.world.read_again(self.workspace_id)

    def _decide_paying(self, account: Row[Any]) -> None:
        assumed = self.assumed
        if account.cancel_at_period_end:
            return
        if account.interval == "year":
            leaving = assumed.leaves_yearly
        else:
            needs = self.executions > FREE_EXECUTIONS
            leaving = assumed.leaves if needs else assumed.leaves_unneeded
        full = self.full_days.get(account.plan, 0)
        if self._happens(self._monthly(leaving)):
            self._leave()
        elif self._happens(self._monthly(assumed.card_fails)):
            self.world.use_card(account, "pm_card_chargeCustomerFail")
        elif self._happens(self._monthly(assumed.refunded)):
            self._refund(account)
        elif account.plan == "team":
            self._decide_on_team(account)
        elif full and not self.agreed and self._happens(assumed.upgrades_when_full):
            self._change("team", account.interval, 1)
        elif full and not self.agreed and self._agrees(account):
            self._agree()

    def _decide_on_team(self, account: Row[Any]) -> None:
        assumed = self.assumed
        if self._happens(self._monthly(assumed.adds_seat)):
            self._change("team", account.interval, account.seats + 1)
        elif account.seats > 1 and self._happens(self._monthly(assumed.drops_seat)):
            self._change("team", account.interval, account.seats - 1)
        elif self.executions < assumed.team_above * 0.7 and self._happens(
            self._monthly(assumed.downgrades)
        ):
            self._change("pro", account.interval, 1)

    def _change(self, plan: str, interval: str, seats: int) -> None:
        choice = PlanChoice(plan, "year" if interval == "year" else "month", seats)
        self.world.subscriptions.change(self.workspace_id, choice, None)
        self.plans.append(f"{plan} {interval}")

    def _leave(self) -> None:
        self.world.subscriptions.end_with_period(self.workspace_id, True)

    def _refund(self, account: Row[Any]) -> None:
        found = self.world.call(
            "GET", f"/v1/invoices?customer={account.customer_id}&status=paid&limit=1"
        )["data"]
        if found and found[0]["amount_paid"]:
            payments = self.world.call("GET", f"/v1/invoice_payments?invoice={found[0]['id']}")
            if payments["data"]:
                intent = payments["data"][0]["payment"]["payment_intent"]
                self.world.call("POST", "/v1/refunds", payment_intent=intent)
                self.world.read_again(self.workspace_id)

    def _agrees(self, account: Row[Any]) -> bool:
        return account.interval == "month" and self._happens(self.assumed.agrees_to_overage)

    def _agree(self) -> None:
        chosen: dict[str, dict[str, Any]] = {
            "at_limit": {"executions": "overage"},
            "overage_caps": {"executions": round(self.executions)},
            "alert_preferences": {},
        }
        self.agreed = True
        with self.world.database.writing() as connection:
            store_preferences(connection, self.workspace_id, chosen, self.world.clock.now())

    def _use(self, days: int) -> None:
        """What was used in the last days, as far as there is room."""
        world = self.world
        now = world.clock.now()
        wanted = round(self.executions * days / MONTH_DAYS * self.chance.uniform(0.6, 1.4))
        with world.database.writing() as connection:
            held = entitlements_of(connection, world.settings.billing, self.workspace_id, now)
            ceiling = held.ceiling("executions")
            used = used_in(connection, self.workspace_id, "executions", held.period, lock=True)
            room = wanted if ceiling is None else max(0, min(wanted, ceiling - used))
            self._note(held, used + wanted)
            self.refused += wanted - room
            usages = [self._usage("executions", room, now)]
            if self.tokens:
                tokens = round(self.tokens * days / MONTH_DAYS)
                usages.append(self._usage("ai_input_tokens", tokens, now))
            if used_up := [one for one in usages if one.quantity]:
                record(connection, used_up, now)

    def _usage(self, meter: str, quantity: int, now: float) -> Usage:
        return Usage(self.workspace_id, meter, f"{self.number}:{self.age}:{meter}", quantity, now)

    def _note(self, held: Entitlements, used: int) -> None:
        included = held.limits["executions"]
        plan = held.plan.plan
        if included is not None and used > included:
            self.was_full.add(plan)
            self.full_days[plan] = self.full_days.get(plan, 0) + 1
        else:
            self.full_days.pop(plan, None)

    def _happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def _monthly(self, probability: float) -> float:
        return float(1 - (1 - probability) ** (1 / MONTH_DAYS))
