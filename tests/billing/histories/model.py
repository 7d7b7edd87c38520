"""What a customer owes, by Stripe's documentation and ``docs/billing.md``, and by nothing else.

It imports none of the product's code and none of the emulator's. Where Stripe leaves a choice to
the account's settings (how often a card is tried again), the choice is the emulator's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from tests.billing.histories import money
from tests.billing.histories.calendar_rules import period_around
from tests.billing.histories.price_list import PriceList

HOUR_S = 3600
DAY_S = 86_400
DRAFT_S = HOUR_S
"""A renewal's invoice is a draft for an hour (docs.stripe.com/invoicing/integration)."""
RETRY_S, ATTEMPTS = 3 * DAY_S, 4
LEAST_CHARGE = 50
"""Cents or yen (docs.stripe.com/currencies, minimum and maximum charge amounts)."""
GRACE_S = 14 * DAY_S
"""So long a plan holds that is not paid (docs/billing.md)."""
CALENDAR = 0
"""Who pays nothing has the calendar's months."""
FREE = "free"
EXECUTIONS = "executions"


@dataclass(frozen=True)
class Charge:
    """What usage beyond a plan is charged as: a line for each month of usage and plan."""

    month: int
    plan: str
    price: Fraction

    def amount(self, number: int) -> int:
        """What so many come to."""
        return money.rounded(self.price * number)


@dataclass
class Bill:
    """An invoice. Amounts in minor units; ``owed`` is what is still to be paid."""

    reason: str
    created: int
    lines: list[int]
    status: str = "draft"
    due: int = 0
    owed: int = 0
    paid: int = 0
    credited: int = 0
    refunded: int = 0
    attempts: int = 0
    finalize_at: int | None = None
    attempt_at: int | None = None
    beyond: dict[Charge, int] = field(default_factory=dict)
    """What of usage beyond the plan is on it."""
    turn: int = 0
    """As which of all it was finalized."""

    @property
    def total(self) -> int:
        """What all lines come to: each is rounded by itself."""
        return sum(self.lines) + sum(charge.amount(n) for charge, n in self.beyond.items())

    @property
    def left(self) -> int:
        """What can still be given back of what was paid."""
        return self.paid - self.credited - self.refunded


@dataclass
class Subscription:
    """What is paid again and again."""

    plan: str
    interval: str
    seats: int
    status: str
    anchor: int
    usage_anchor: int
    period: tuple[int, int]
    cancels: bool = False
    trial_end: int | None = None
    coming: tuple[str, str, int] | None = None
    """The plan, interval and seats that begin with the next period."""


@dataclass
class Customer:
    """One workspace, from when it began."""

    prices: PriceList
    currency: str
    card_is_good: bool = True
    balance: int = 0
    """Below zero it is the customer's."""
    charged: int = 0
    refunded: int = 0
    bills: list[Bill] = field(default_factory=list)
    subscription: Subscription | None = None
    tried: bool = False
    uses: list[tuple[int, int]] = field(default_factory=list)
    pending: dict[Charge, int] = field(default_factory=dict)
    """What was admitted beyond the plan and waits for an invoice."""
    chosen: str | None = None
    cap: int = 0

    # What holds

    @property
    def living(self) -> Subscription | None:
        """The subscription, where it has not ended."""
        found = self.subscription
        return found if found is not None and found.status != "canceled" else None

    def holds(self, now: int) -> Subscription | None:
        """The subscription whose plan holds now."""
        found = self.living
        if found is None or found.status not in {"trialing", "active", "past_due"}:
            return None
        if found.status == "past_due" and now >= self._unpaid_since(now) + GRACE_S:
            return None
        return found

    def _unpaid_since(self, now: int) -> int:
        open_since = [bill.created for bill in self.bills if bill.status == "open"]
        return min(open_since, default=now)

    def plan(self, now: int) -> str:
        """The name of the plan that holds."""
        held = self.holds(now)
        return FREE if held is None else held.plan

    def included(self, limit: str, now: int) -> int | None:
        """How much of a limit is included."""
        held = self.holds(now)
        if held is None:
            return self.prices.included(FREE, limit, 1)
        return self.prices.included(held.plan, limit, held.seats)

    def usage_month(self, now: int) -> tuple[int, int]:
        """The month in which usage adds up."""
        held = self.holds(now)
        return period_around(CALENDAR if held is None else held.usage_anchor, "month", now)

    def used(self, now: int) -> int:
        """What was used in this month of usage."""
        begin, end = self.usage_month(now)
        return sum(number for moment, number in self.uses if begin <= moment < end)

    def may_go_beyond(self, now: int) -> bool:
        """Whether the plan can be paid beyond what it includes: by the month only."""
        held = self.holds(now)
        if held is None or held.interval != "month":
            return False
        return self.prices.beyond(held.plan, EXECUTIONS, self.currency) is not None

    def room_beyond(self, now: int) -> int:
        """How much may be used beyond what is included."""
        return self.cap if self.chosen == "overage" and self.may_go_beyond(now) else 0

    # What people do

    def begin(self, now: int, plan: str, interval: str, seats: int, tries: bool) -> None:
        """Subscribe with a card that is good; ``tries`` says that a trial is still to be had."""
        days = self.prices.trial_days(plan) if tries else 0
        end = now + days * DAY_S if days else None
        found = Subscription(
            plan=plan,
            interval=interval,
            seats=seats,
            status="trialing" if days else "active",
            anchor=end or now,
            usage_anchor=now,
            period=(now, end) if end else period_around(now, interval, now),
            trial_end=end,
        )
        self.subscription = found
        self.tried = self.tried or bool(days)
        lines = [0] if days else [self._ahead(found)]
        self._close(self._bill("subscription_create", now, lines), now)

    def quote(self, now: int, plan: str, interval: str, seats: int) -> list[int]:
        """The lines of the invoice of a change, without what was used beyond the plan."""
        held = self._alive()
        if held.status == "trialing":
            return []
        former = money.part(self._ahead(held), held.period, now)
        price = self.prices.price(plan, interval, self.currency) * seats
        if interval == held.interval:
            return [-former, money.part(price, held.period, now)]
        return [-former, price]

    def change(self, now: int, plan: str, interval: str, seats: int) -> bool:
        """Change at once, and pay or get credited the difference; says whether it was paid.

        What the card does not pay changes nothing: its invoice is voided, and what it had of
        usage beyond the plan waits for the next one.
        """
        held = self._alive()
        lines = self.quote(now, plan, interval, seats)
        if not self.card_is_good and self.due_for(lines) > 0:
            void = Bill("subscription_update", now, lines, "void", beyond=dict(self.pending))
            self.bills.append(void)
            return False
        turned = interval != held.interval and held.status != "trialing"
        held.plan, held.interval, held.seats = plan, interval, seats
        held.coming = None
        if turned:
            held.anchor = now
            held.period = period_around(now, interval, now)
        if lines:
            self._close(self._bill("subscription_update", now, lines), now)
        return True

    def due_for(self, lines: list[int]) -> int:
        """What an invoice of these lines would charge now."""
        beyond = sum(charge.amount(number) for charge, number in self.pending.items())
        due = sum(lines) + beyond + self.balance
        return due if lines and due >= LEAST_CHARGE else 0

    def change_later(self, plan: str, interval: str, seats: int) -> None:
        """Change when the next period begins; a subscription that was to end goes on so."""
        held = self._alive()
        held.coming, held.cancels = (plan, interval, seats), False

    def cancel(self, ends: bool) -> None:
        """Let it end with its period, or go on."""
        held = self._alive()
        held.cancels, held.coming = ends, None

    def use(self, now: int, wanted: int) -> int:
        """Begin so many executions; says how many may."""
        included = self.included(EXECUTIONS, now)
        used = self.used(now)
        if included is None:
            admitted = wanted
        else:
            admitted = min(wanted, max(0, included + self.room_beyond(now) - used))
            beyond = max(0, used + admitted - max(included, used))
            if beyond:
                self._owe(now, beyond)
        if admitted:
            self.uses.append((now, admitted))
        return admitted

    def pay(self, bill: Bill, now: int) -> None:
        """Collect an open invoice."""
        self._collect(bill, now)

    def refund(self, bill: Bill, amount: int) -> None:
        """Pay back what was paid."""
        bill.refunded += amount
        self.refunded += amount

    def credit(self, bill: Bill, amount: int) -> None:
        """Take back a part of a paid invoice, onto the balance."""
        bill.credited += amount
        self.balance -= amount

    # What happens by itself

    def next_due(self) -> int | None:
        """When something happens by itself next."""
        due = [moment for bill in self.bills for moment in (bill.finalize_at, bill.attempt_at)]
        held = self.living
        if held is not None:
            due.append(held.period[1])
        return min((moment for moment in due if moment is not None), default=None)

    def let_happen(self, moment: int) -> None:
        """What is due at a moment."""
        for bill in self.bills:
            if bill.attempt_at == moment:
                self._collect(bill, moment)
        for bill in self.bills:
            if bill.finalize_at == moment:
                self._finalize(bill, moment)
        held = self.living
        if held is not None and held.period[1] == moment:
            self._turn(held, moment)

    def _turn(self, held: Subscription, moment: int) -> None:
        if held.cancels:
            held.status = "canceled"
            for bill in self.bills:
                bill.attempt_at = None
            if self.pending:
                self._draft([], moment)
            return
        if held.status == "trialing":
            held.status = "active"
            held.anchor = held.usage_anchor = moment
        if held.coming is not None:
            former = held.interval
            held.plan, held.interval, held.seats = held.coming
            held.coming = None
            if held.interval != former:
                held.anchor = moment
        held.period = period_around(held.anchor, held.interval, moment)
        self._draft([self._ahead(held)], moment)

    def _draft(self, lines: list[int], moment: int) -> None:
        bill = self._bill("subscription_cycle", moment, lines)
        if self.subscription is not None and self.subscription.status != "unpaid":
            bill.finalize_at = moment + DRAFT_S
        self.bills.append(bill)

    def _bill(self, reason: str, moment: int, lines: list[int]) -> Bill:
        bill = Bill(reason, moment, lines, beyond=self.pending)
        self.pending = {}
        return bill

    def _close(self, bill: Bill, now: int) -> None:
        self.bills.append(bill)
        self._finalize(bill, now)

    def _finalize(self, bill: Bill, now: int) -> None:
        bill.finalize_at = None
        bill.turn = 1 + max(one.turn for one in self.bills)
        sum_of_all = bill.total + self.balance
        # What is too little to be charged is owed with the next invoice.
        self.balance = sum_of_all if sum_of_all < LEAST_CHARGE else 0
        bill.due = bill.owed = sum_of_all if sum_of_all >= LEAST_CHARGE else 0
        bill.status = "open"
        self._collect(bill, now)

    def _collect(self, bill: Bill, now: int) -> None:
        held = self.living
        if bill.owed and not self.card_is_good:
            bill.attempts += 1
            is_last = bill.attempts >= ATTEMPTS
            bill.attempt_at = None if is_last else now + RETRY_S
            if held is not None and held.status in {"active", "past_due"}:
                held.status = "unpaid" if is_last else "past_due"
            return
        self.charged += bill.owed
        bill.paid, bill.owed = bill.owed, 0
        bill.status, bill.attempt_at = "paid", None
        # Only its latest finalized invoice brings a subscription back, and its latest one where
        # drafts wait because it was given up.
        others = [one for one in self.bills if one.status != "void"]
        is_latest = bill.turn == max(one.turn for one in others)
        if held is not None and held.status == "unpaid":
            is_latest = bill is others[-1]
        if held is not None and held.status in {"past_due", "unpaid"} and is_latest:
            held.status = "active"

    def _owe(self, now: int, beyond: int) -> None:
        held = self.holds(now)
        assert held is not None, "only who pays may go beyond"
        price = self.prices.beyond(held.plan, EXECUTIONS, self.currency)
        assert price is not None
        charge = Charge(self.usage_month(now)[0], held.plan, Fraction(price))
        drafts = [one.beyond for one in self.bills if one.status == "draft"]
        place = next((one for one in drafts if charge in one), self.pending)
        place[charge] = place.get(charge, 0) + beyond

    def _ahead(self, held: Subscription) -> int:
        return self.prices.price(held.plan, held.interval, self.currency) * held.seats

    def _alive(self) -> Subscription:
        found = self.living
        assert found is not None, "there is no subscription"
        return found
