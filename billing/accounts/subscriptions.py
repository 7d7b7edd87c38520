"""Beginning, changing and ending the subscription of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row, text

from billing.accounts import account_state
from billing.accounts.accounts import Accounts, Person
from billing.accounts.change_requests import Change, Checkout
from billing.accounts.checkouts import Checkouts
from billing.accounts.promotions import Promotions, refused
from billing.accounts.statuses import ALIVE, HOWS, actions_of
from billing.accounts.trials import MARK, Trials
from billing.failures import PayFirst, StripeRefused
from billing.invoices.kept import invoice_data
from billing.invoices.kept_taxes import coupon_ids, tax_rate_ids
from billing.overage.sending import OverageBilling
from billing.payments.consent import drop_change, settle_change
from billing.plans.catalogue import seat_key
from billing.plans.plan import Interval, Plan, plans_in
from billing.taxes.taxation import Taxation
from billing.taxes.terms import TaxTerms
from layers.errors import Conflict, FieldError, InvalidInput

CHANGE = "change"
BY_CONTRACT = (
    "This workspace has a contract, at a price that was agreed: ask the administrator of this"
    " instance to change its plan, its interval or its seats."
)
CHANGEABLE = frozenset({"active", "trialing"})
RUNS = CHANGEABLE | {"past_due"}
"""May end with its period; what is past due has to be paid before it is changed."""
OPEN_INVOICE = text(
    "SELECT id, number FROM invoices WHERE workspace_id = :workspace_id AND status = 'open'"
    " ORDER BY created_at DESC, length(number) DESC, number DESC LIMIT 1"
)
PRORATION_VALID_S = 3600
"""A preview is good for so long: then it has to be asked for again."""


@dataclass(frozen=True)
class PlanChoice:
    """A plan, how often it is paid, and for how many seats."""

    plan: str
    interval: Interval
    seats: int = 1
    promotion_code: str = ""
    """What somebody typed in, to be redeemed with a checkout."""


@dataclass(frozen=True)
class Preview:
    """What a change costs; amounts in minor units.

    ``amount_due`` is charged at once; below zero ``total`` goes to the customer's balance.
    """

    currency: str
    total: int
    amount_due: int
    lines: Sequence[dict[str, Any]]
    proration_date: int
    subtotal: int = 0
    starting_balance: int = 0
    taxes: Sequence[dict[str, Any]] = ()
    discounts: Sequence[dict[str, Any]] = ()


class Subscriptions:
    """What a person may do with the workspace's subscription."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def checkout(
        self, person: Person, choice: PlanChoice, currency: str, back: str
    ) -> dict[str, Any]:
        """Begin a subscription on Stripe's page; returns the session's ``id`` and ``url``.

        Nothing holds until Stripe says that it is paid. Raises Conflict where there is a
        subscription already: one workspace has one.
        """
        accounts = self._accounts
        plan = self.plan(choice)
        code = (
            Promotions(accounts).code_id(choice.promotion_code) if choice.promotion_code else None
        )
        account = accounts.read(person.workspace_id)
        if account.status in ALIVE:
            raise Conflict(
                f"This workspace has a subscription already, to {account.plan}: change it instead."
            )

        mark = Trials(accounts).mark(person, trialed=account.trialed) if plan.trial_days else None
        marks = {} if mark is None else {MARK: mark}

        def begin(customer_id: str) -> dict[str, Any]:
            found = accounts.gateway.subscriptions(customer_id)
            if (account_state.chosen(found) or {}).get("status") in ALIVE:
                accounts.refresh(person.workspace_id)
                raise Conflict("This workspace has a subscription already: change it instead.")
            wanted = Checkout(
                customer_id=customer_id,
                items=self._items(plan, choice, currency),
                metadata={**_marks(person.workspace_id, plan), **marks},
                success_url=f"{back}?checkout=done",
                cancel_url=f"{back}?checkout=cancelled",
                trial_days=0 if mark is None else plan.trial_days,
                tax=Taxation(accounts.gateway, accounts.settings.tax).for_checkout(
                    customer_id, inclusive=plan.has_tax_within(currency)
                ),
                promotion_code=code,
                asks_for_code=accounts.settings.promotion_codes and code is None,
            )
            try:
                return Checkouts(accounts).begin(person.workspace_id, wanted)
            except StripeRefused as error:
                if code is not None and error.param in {"discounts", "promotion_code"}:
                    raise refused(error.detail) from error
                raise

        return accounts.for_customer(person, begin)

    def preview(self, workspace_id: str, choice: PlanChoice) -> Preview:
        """What it costs to change now; changes nothing."""
        moment = int(self._accounts.clock.now())
        self._bill_overage(workspace_id)
        plan, change = self._change(workspace_id, choice, moment)
        gateway = self._accounts.gateway
        invoice = gateway.preview(replace(change, tax=self._terms(workspace_id, plan)))
        rates = gateway.tax_rates(tax_rate_ids(invoice))
        kept = invoice_data(invoice, rates | gateway.coupons_named(coupon_ids(invoice)))
        return Preview(
            currency=invoice["currency"],
            total=invoice["total"],
            amount_due=invoice["amount_due"],
            lines=kept["lines"],
            proration_date=moment,
            subtotal=invoice["subtotal"],
            starting_balance=invoice["starting_balance"],
            taxes=kept["taxes"],
            discounts=kept["discounts"],
        )

    def change(self, workspace_id: str, choice: PlanChoice, proration_date: int | None) -> None:
        """Change now, and pay or credit the difference; raises PaymentRefused, changing nothing.

        Where the bank asks for consent the change waits (``pending_change`` of the account).
        """
        now = int(self._accounts.clock.now())
        moment = now if proration_date is None else proration_date
        if not now - PRORATION_VALID_S <= moment <= now:
            message = "This preview is too old: ask for a new one, and confirm that."
            raise InvalidInput(errors=[FieldError("/proration_date", message)])
        accounts = self._accounts
        if self._has_happened(workspace_id, choice):
            accounts.refresh(workspace_id)
            return
        self._bill_overage(workspace_id)
        plan, change = self._change(workspace_id, choice, moment)
        terms = self._terms(workspace_id, plan)
        if terms.is_set:
            # Beforehand: what waits for a payment may not carry it (pending updates).
            accounts.gateway.set_tax(change.subscription_id, terms)
        gateway = accounts.gateway
        try:
            accounts.requests.once(
                workspace_id,
                CHANGE,
                {"wish": asdict(choice), "based_on": change.based_on, "agreed": proration_date},
                {"wish": asdict(choice), "change": asdict(change)},
                lambda body, key: settle_change(
                    gateway, gateway.change(Change(**body["change"]), key)
                ),
            )
        finally:
            accounts.refresh(workspace_id)

    def drop_change(self, workspace_id: str) -> None:
        """Drop a change that waits for its payment; raises Conflict where none does."""
        if not drop_change(self._accounts.gateway, self.living(workspace_id)):
            raise Conflict("No change waits for its payment.")
        self._accounts.refresh(workspace_id)

    def end_with_period(
        self,
        workspace_id: str,
        ends: bool,
        feedback: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Let it end with its period, with a reason if one is given; or go on after all."""
        account = self._running(workspace_id)
        gateway = self._accounts.gateway
        gateway.end_with_period(account.subscription_id, ends, feedback, comment)
        self._accounts.refresh(workspace_id)

    def _has_happened(self, workspace_id: str, choice: PlanChoice) -> bool:
        """Whether this was asked before, and happened although no answer came."""
        requests = self._accounts.requests
        open_one = requests.open(workspace_id, CHANGE)
        if open_one is None or open_one["wish"] != asdict(choice):
            return False
        account = self._living(workspace_id)
        found = account_state.chosen(self._accounts.gateway.subscriptions(account.customer_id))
        if found is None or not self.holds(found, self.plan(choice), choice):
            return False
        requests.settle(workspace_id, CHANGE)
        return True

    def plan(self, choice: PlanChoice) -> Plan:
        """The plan of a choice in its newest version; raises InvalidInput."""
        for plan in plans_in(self._accounts.settings.plans):
            if plan.plan == choice.plan and choice.interval in plan.prices:
                return plan
        sold = [one.plan for one in plans_in(self._accounts.settings.plans) if one.is_for_sale]
        message = f"There is no plan {choice.plan!r} for sale; choose one of {', '.join(sold)}."
        raise InvalidInput(errors=[FieldError("/plan", message)])

    def living(self, workspace_id: str) -> account_state.Object:
        """The subscription that can be changed, as Stripe has it; raises Conflict."""
        account = self._living(workspace_id)
        subscription = account_state.chosen(
            self._accounts.gateway.subscriptions(account.customer_id)
        )
        if subscription is None or subscription["status"] not in CHANGEABLE:
            self._accounts.refresh(workspace_id)
            raise Conflict("This subscription has ended meanwhile: begin one with checkout.")
        return subscription

    def changeable(self, workspace_id: str) -> account_state.Object:
        """The same, where who pays may change it alone; raises Conflict for a contract."""
        subscription = self.living(workspace_id)
        if is_contract(subscription):
            raise Conflict(BY_CONTRACT)
        return subscription

    def holds(self, subscription: account_state.Object, plan: Plan, choice: PlanChoice) -> bool:
        """Whether a subscription is what is wished for already."""
        seat = account_state.seat_item(subscription)
        held = (account_state.plan_of(subscription), seat["price"]["recurring"]["interval"])
        wanted = ((plan.plan, plan.number), choice.interval)
        return held == wanted and bool(seat["quantity"] == choice.seats)

    def items(self, plan: Plan, choice: PlanChoice, currency: str) -> list[dict[str, Any]]:
        """The items of a subscription to a plan; raises InvalidInput and StripeRefused."""
        return self._items(plan, choice, currency)

    def marks(self, workspace_id: str, plan: Plan) -> dict[str, str]:
        """How a subscription says whose it is, and to which plan."""
        return _marks(workspace_id, plan)

    def _running(self, workspace_id: str) -> Row[Any]:
        account = self._accounts.read(workspace_id)
        if account.status not in RUNS:
            ways = " or ".join(HOWS[one] for one in actions_of(account.status, is_ending=False))
            raise Conflict(f"This workspace has no subscription that runs: {ways}.")
        return account

    def _living(self, workspace_id: str) -> Row[Any]:
        account = self._running(workspace_id)
        if account.status not in CHANGEABLE:
            with self._accounts.database.reading() as connection:
                values = {"workspace_id": workspace_id}
                raise PayFirst(connection.execute(OPEN_INVOICE, values).one_or_none())
        return account

    def _change(self, workspace_id: str, choice: PlanChoice, moment: int) -> tuple[Plan, Change]:
        subscription = self.changeable(workspace_id)
        plan = self.plan(choice)
        if self.holds(subscription, plan, choice):
            raise Conflict("That is what this workspace has: nothing would change.")
        items = self._changed(subscription, plan, choice)
        marks = _marks(workspace_id, plan)
        basis = account_state.basis(subscription)
        return plan, Change(subscription["id"], items, moment, marks, basis)

    def _terms(self, workspace_id: str, plan: Plan) -> TaxTerms:
        """How the subscription is taxed once it is to this plan."""
        account = self._accounts.read(workspace_id)
        return Taxation(self._accounts.gateway, self._accounts.settings.tax).for_subscription(
            account.customer_id, inclusive=plan.has_tax_within(account.currency)
        )

    def _bill_overage(self, workspace_id: str) -> None:
        """Have the next invoice say all that is owed so far: it may be that of a change."""
        OverageBilling(self._accounts).bill_workspace(workspace_id)

    def _changed(
        self, subscription: account_state.Object, plan: Plan, choice: PlanChoice
    ) -> list[dict[str, Any]]:
        """The items of a change: the seat's price. Meters of former times end with it."""
        seat = account_state.seat_item(subscription)
        wanted = self._items(plan, choice, subscription["currency"])
        items: list[dict[str, Any]] = [{"id": seat["id"], **wanted[0]}]
        items += [{"id": one["id"], "deleted": True} for one in _usage_items(subscription)]
        return items

    def _items(self, plan: Plan, choice: PlanChoice, currency: str) -> list[dict[str, Any]]:
        if currency not in plan.prices[choice.interval]:
            sold = ", ".join(sorted(plan.prices[choice.interval]))
            message = f"{plan.name} is not sold in {currency}; choose one of {sold}."
            raise InvalidInput(errors=[FieldError("/currency", message)])
        key = seat_key(plan, choice.interval, currency)
        prices = self._accounts.gateway.prices([key])
        if key not in prices:
            raise StripeRefused(
                f"Stripe does not know the price {key}: run 'treadle billing sync'."
            )
        return [{"price": prices[key]["id"], "quantity": choice.seats}]


def is_contract(subscription: account_state.Object) -> bool:
    """Whether its invoices are sent, and paid later: a change is agreed with people then."""
    return bool(subscription["collection_method"] == "send_invoice")


def _usage_items(subscription: account_state.Object) -> list[account_state.Object]:
    items: list[account_state.Object] = subscription["items"]["data"]
    return [one for one in items if one["price"]["recurring"]["usage_type"] == "metered"]


def _marks(workspace_id: str, plan: Plan) -> dict[str, str]:
    return {
        "workspace_id": workspace_id,
        "treadle_plan": plan.plan,
        "treadle_number": str(plan.number),
    }
