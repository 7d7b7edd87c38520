"""The account of a workspace: its customer with Stripe, and the copy of what Stripe says.

Events and calls only leave the wish to read everything again (``wanted``). Reading is done by one
at a time for each account, and ends when no wish has come meanwhile: so neither the order of
events, nor duplicates, nor days of delay make a difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Row, text

from billing.accounts import account_state, schedule_state
from billing.accounts.discounts import discount_columns
from billing.accounts.endings import finish_ending
from billing.accounts.stripe_requests import StripeRequests
from billing.accounts.surplus import end_surplus
from billing.accounts.trials import Trials, fingerprints_of
from billing.alerts.account_alerts import tell_changes
from billing.alerts.administrator import tell_administrator
from billing.alerts.payment_alerts import payment_alerts, tell_of_disputes
from billing.credits.purchases import give_what_was_bought
from billing.failures import BillingIsOff, StripeAway, StripeRefused, StripeUncertain
from billing.invoices.document.catalogue import language_of
from billing.invoices.issuing import keep_issuer
from billing.invoices.kept import invoice_columns
from billing.invoices.kept_taxes import coupon_ids, tax_rate_ids
from billing.limits import held
from billing.overage.dropped import owe_again
from billing.overage.terms import keep_terms
from billing.patience import left_s
from billing.payments import waiting
from billing.payments.default_method import ensured_default
from billing.payments.from_stripe import Collected
from billing.payments.kept import keep as keep_payments
from billing.plans.plan import FREE
from billing.revenue.history import History, record_changes
from layers import failpoints
from layers.clock import Clock
from layers.database import Database
from layers.errors import TreadleError
from layers.ids import new_id
from layers.log import logger
from layers.settings import BillingMode, Settings

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway

LEASE_S = 60.0
OTHERS_WITHIN_S, OTHERS_PAUSE_S = 20.0, 0.05
MOST_PAUSE_S = 3600.0
FAILURES_OF_AN_HOUR = 12
"""With pauses that double from a second on."""
T = TypeVar("T")
READ = text("SELECT * FROM billing_accounts WHERE workspace_id = :workspace_id")
ENSURE = text(
    "INSERT INTO billing_accounts (workspace_id, plan, trialed, cancel_at_period_end, wanted,"
    " synchronized, epoch, failures, created_at)"
    " SELECT id, 'free', :no, :no, 0, 0, 0, 0, :now FROM workspaces WHERE id = :workspace_id"
    " ON CONFLICT (workspace_id) DO NOTHING"
)
WANT = text("UPDATE billing_accounts SET wanted = wanted + 1 WHERE workspace_id = :workspace_id")
SET_CUSTOMER = text(
    "UPDATE billing_accounts SET customer_id = :customer_id, livemode = :livemode"
    " WHERE workspace_id = :workspace_id AND coalesce(customer_id, '') = :former"
)
FORGET_CUSTOMER = text(
    "UPDATE billing_accounts SET customer_id = NULL WHERE workspace_id = :workspace_id"
    " AND customer_id = :customer_id"
)
CLAIM = text(
    "UPDATE billing_accounts SET epoch = epoch + 1, lease_until = :until"
    " WHERE workspace_id = :workspace_id AND wanted > synchronized"
    " AND (lease_until IS NULL OR lease_until <= :now)"
)
DUE = text(
    "SELECT workspace_id FROM billing_accounts WHERE wanted > synchronized"
    " AND (lease_until IS NULL OR lease_until <= :now) LIMIT 20"
)
COLUMNS = (
    *("plan", "plan_version_id", "subscription_id", "status", "interval", "currency", "seats"),
    *("amount", "discount", "discount_ends_at", "discounts", "anchor", "usage_anchor"),
    *("period_start", "period_end", "trial_end", "trialed"),
    *("cancel_at_period_end", "past_due_since", "started_at", "ended_at", "payment_methods"),
    "language",
    *schedule_state.COLUMNS,
    *waiting.COLUMNS,
)
STORE = text(
    "UPDATE billing_accounts SET "  # noqa: S608 - names of columns, no values
    + ", ".join(f"{name} = :{name}" for name in COLUMNS)
    + ", synchronized = :done, synchronized_at = :now, lease_until = NULL, failures = 0,"
    " error = NULL WHERE workspace_id = :workspace_id AND epoch = :epoch"
)
FAIL = text(
    "UPDATE billing_accounts SET failures = failures + 1, error = :error, lease_until = :until"
    " WHERE workspace_id = :workspace_id AND epoch = :epoch"
)
PLAN_VERSION = text("SELECT id FROM plan_versions WHERE plan = :plan AND number = :number")
PUT_INVOICE = text(
    "INSERT INTO invoices (id, workspace_id, number, status, currency, total, amount_due,"
    " amount_paid, attempt_count, created_at, paid_at, period_start, period_end, data)"
    " VALUES (:id, :workspace_id, :number, :status, :currency, :total, :amount_due,"
    " :amount_paid, :attempt_count, :created_at, :paid_at, :period_start, :period_end, :data)"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, status = excluded.status,"
    " total = excluded.total, amount_due = excluded.amount_due,"
    " amount_paid = excluded.amount_paid, attempt_count = excluded.attempt_count,"
    " paid_at = excluded.paid_at, period_start = excluded.period_start,"
    " period_end = excluded.period_end, data = excluded.data"
)


@dataclass(frozen=True)
class Person:
    """Who pays: what a customer is made with."""

    workspace_id: str
    workspace_name: str
    email: str
    user_id: str = ""


@dataclass(frozen=True)
class Found:
    """Everything that Stripe said of a customer, at one time."""

    subscription: account_state.Object | None
    subscriptions: Sequence[account_state.Object]
    invoices: Sequence[account_state.Object]
    payment_methods: str
    discounts: Sequence[account_state.Object] = ()
    references: Mapping[str, account_state.Object] = field(default_factory=dict)
    """Tax rates and coupons that invoices name, by id."""
    preferred_locales: Sequence[str] = ()
    schedule: account_state.Object | None = None
    fingerprints: Sequence[str] = ()
    """Of the cards, the same for every customer of the instance's."""
    deleted_customer: str | None = None
    """The customer that the account had, if somebody deleted it at Stripe."""
    collected: Collected = field(default_factory=Collected)
    bank_transfer: account_state.Object | None = None


class Accounts:
    """The accounts of an instance."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings.billing
        self.requests = StripeRequests(database, clock)
        self._gateway: StripeGateway | None = None
        self._log = logger("billing")

    @property
    def gateway(self) -> StripeGateway:
        """Stripe; raises BillingIsOff where there is no key."""
        if self.settings.mode is BillingMode.OFF or not self.settings.stripe_key:
            raise BillingIsOff
        if self._gateway is None:
            # Only here: the SDK is large, and most processes never ask Stripe.
            from billing.stripe_gateway import StripeGateway

            self._gateway = StripeGateway(self.settings)
        return self._gateway

    def read(self, workspace_id: str) -> Row[Any]:
        """The account; it is made where there is none yet."""
        values = {"workspace_id": workspace_id, "now": self.clock.now(), "no": False}
        with self.database.reading() as connection:
            found = connection.execute(READ, values).one_or_none()
        if found is None:
            with self.database.writing() as connection:
                connection.execute(ENSURE, values)
                found = connection.execute(READ, values).one()
        return found

    def customer(self, person: Person) -> str:
        """The id of the workspace's customer; made where there is none in this mode."""
        account = self.read(person.workspace_id)
        livemode = self.gateway.livemode
        if account.customer_id is not None and account.livemode == livemode:
            return str(account.customer_id)
        former = str(account.customer_id or "")
        body = {
            "name": person.workspace_name,
            "email": person.email,
            "metadata": {"workspace_id": person.workspace_id},
        }
        customer_id = self.requests.once(
            person.workspace_id,
            "customer",
            {"livemode": livemode, "former": former},
            body,
            lambda sent, key: self.gateway.create_customer(dict(sent), key),
        )
        values = {"workspace_id": person.workspace_id, "livemode": livemode, "former": former}
        with self.database.writing() as connection:
            connection.execute(SET_CUSTOMER, {**values, "customer_id": customer_id})
        # Somebody else may have been faster: then theirs is the workspace's.
        return str(self.read(person.workspace_id).customer_id)

    def for_customer(self, person: Person, ask: Callable[[str], T]) -> T:
        """Ask something of the workspace's customer; of a new one, where it was deleted."""
        customer_id = self.customer(person)
        try:
            return ask(customer_id)
        except StripeRefused as error:
            if not error.is_missing or not self.gateway.customer(customer_id).get("deleted"):
                raise
        self.refresh(person.workspace_id)
        return ask(self.customer(person))

    def refresh(self, workspace_id: str) -> None:
        """Read everything of a workspace from Stripe again, now; raises what Stripe raises.

        Somebody else, such as an event's handler, may be reading already: then it waits until
        they have read for this wish, too.
        """
        with self.database.writing() as connection:
            want(connection, workspace_id)
        wanted = self.read(workspace_id).wanted
        try:
            give_up_at = time.monotonic() + left_s(OTHERS_WITHIN_S)
            while True:
                self.synchronize(workspace_id, raising=True)
                if self.read(workspace_id).synchronized >= wanted:
                    return
                if time.monotonic() > give_up_at:
                    raise StripeAway
                time.sleep(OTHERS_PAUSE_S)
        except StripeAway as error:
            # What was changed before has happened; a job reads it once Stripe answers.
            raise StripeUncertain from error

    def due(self) -> list[str]:
        """The workspaces whose account is to be read again."""
        with self.database.reading() as connection:
            rows = connection.execute(DUE, {"now": self.clock.now()})
            return [row.workspace_id for row in rows]

    def synchronize(self, workspace_id: str, *, raising: bool = False) -> list[str]:
        """Read what Stripe says until nobody wants it read again.

        Returns the ids of kept executions that may run now. A failure is tried again later,
        or with ``raising`` is raised as well.
        """
        released: list[str] = []
        while (claimed := self._claim(workspace_id)) is not None:
            failpoints.hit("billing.claimed")
            try:
                found = self._found(claimed)
                changed = end_surplus(self, claimed, found)
                changed |= Trials(self).end_second(claimed, found)
                changed |= finish_ending(self, claimed, found)
                if changed:
                    found = self._found(claimed)
            except TreadleError as error:
                self._fail(claimed, error)
                if raising:
                    raise
                break
            failpoints.hit("billing.before_store")
            released += self._store(claimed, found)
        return released

    def _claim(self, workspace_id: str) -> Row[Any] | None:
        now = self.clock.now()
        values = {"workspace_id": workspace_id, "now": now, "until": now + LEASE_S}
        with self.database.writing() as connection:
            if not connection.execute(CLAIM, values).rowcount:
                return None
            return connection.execute(READ, values).one()

    def _found(self, account: Row[Any]) -> Found:
        if account.customer_id is None:
            return Found(None, (), (), "[]")
        gateway = self.gateway
        if account.livemode != gateway.livemode:
            raise StripeRefused("The account belongs to Stripe's other mode, live or test.")
        customer = gateway.customer(account.customer_id)
        if customer.get("deleted"):
            return Found(None, (), (), "[]", deleted_customer=account.customer_id)
        subscriptions = gateway.subscriptions(account.customer_id)
        subscription = account_state.chosen(subscriptions)
        invoices = list(gateway.invoices(account.customer_id))
        methods = gateway.payment_methods(account.customer_id)
        default = ensured_default(gateway, customer, subscription, methods)
        shown = account_state.method_columns(methods, default)
        applied = list(subscription["discounts"]) if subscription else []
        coupons = gateway.with_coupons(applied)
        collected = gateway.collected(account.customer_id)
        taxed = (*invoices, *collected.credit_notes)
        references = {
            **gateway.tax_rates(one for each in taxed for one in tax_rate_ids(each)),
            **gateway.coupons_named(one for each in invoices for one in coupon_ids(each)),
        }
        schedule_id = schedule_state.schedule_of(subscription)
        return Found(
            subscription,
            subscriptions,
            invoices,
            shown,
            coupons,
            references,
            tuple(customer.get("preferred_locales") or ()),
            None if schedule_id is None else gateway.schedule(schedule_id),
            collected=collected,
            fingerprints=fingerprints_of(methods),
            bank_transfer=_bank_transfer(gateway, account.customer_id, subscription),
        )

    def _store(self, account: Row[Any], found: Found) -> list[str]:
        now = self.clock.now()
        workspace_id = account.workspace_id
        with self.database.writing() as connection:
            state = account_state.subscription_columns(found.subscription, found.invoices, now)
            columns = {
                **state,
                **discount_columns(
                    state["amount"],
                    account_state.seat_product(found.subscription),
                    state["currency"],
                    found.discounts,
                ),
                **_plan_columns(connection, found.subscription),
                "usage_anchor": account_state.usage_anchor(account, found.subscription),
                **schedule_state.schedule_columns(found.schedule, now),
                **waiting.waiting_columns(
                    found.subscription, found.invoices, found.collected, found.bank_transfer
                ),
                "payment_methods": found.payment_methods,
                "language": language_of(found.preferred_locales, "") or None,
                "trialed": account.trialed
                or bool(found.subscription and found.subscription["trial_start"]),
            }
            values = {**columns, "workspace_id": workspace_id, "now": now}
            values |= {"done": account.wanted, "epoch": account.epoch}
            if not connection.execute(STORE, values).rowcount:
                return []  # Somebody else took it over; what they read is newer.
            if found.deleted_customer is not None:
                self._forget_customer(connection, workspace_id, found.deleted_customer, now)
            keep_terms(connection, workspace_id, now)
            kept = [invoice_columns(one, found.references) for one in found.invoices]
            if kept:
                rows = [{**one, "workspace_id": workspace_id} for one in kept]
                connection.execute(PUT_INVOICE, rows)
            owe_again(connection, workspace_id, found.invoices)
            keep_payments(
                connection, workspace_id, found.collected, found.invoices, found.references
            )
            keep_issuer(connection, workspace_id, self.settings.seller, columns["language"])
            of_payments = payment_alerts(account, columns, found.invoices, found.collected, now)
            tell_changes(connection, account, columns, kept, now, of_payments)
            tell_of_disputes(connection, workspace_id, found.collected, now)
            discounts = {columns["subscription_id"]: columns["discount"] or 0}
            history = History(found.subscriptions, found.invoices, discounts)
            record_changes(connection, account, history, now)
            give_what_was_bought(connection, workspace_id, found.invoices, now)
            return held.release(connection, self.settings, workspace_id, now)

    def _fail(self, account: Row[Any], error: TreadleError) -> None:
        self._log.warning("account %s could not be read: %s", account.workspace_id, error.detail)
        pause = min(2.0 ** min(account.failures, 12), MOST_PAUSE_S)
        values = {"workspace_id": account.workspace_id, "epoch": account.epoch}
        values |= {"error": error.detail, "until": self.clock.now() + pause}
        with self.database.writing() as connection:
            connection.execute(FAIL, values)
            if account.failures + 1 >= FAILURES_OF_AN_HOUR:
                detail = {"workspace_id": account.workspace_id, "error": error.detail}
                key = f"account_unreadable:{account.workspace_id}:{account.synchronized_at or 0}"
                now = self.clock.now()
                tell_administrator(connection, "account_unreadable", key, "error", detail, now)

    @staticmethod
    def _forget_customer(
        connection: Connection, workspace_id: str, customer_id: str, now: float
    ) -> None:
        """Whoever was deleted at Stripe has no card and no subscription any more."""
        values = {"workspace_id": workspace_id, "customer_id": customer_id}
        connection.execute(FORGET_CUSTOMER, values)
        detail = {"workspace_id": workspace_id, "customer": customer_id}
        key = f"customer_deleted:{customer_id}"
        tell_administrator(connection, "customer_deleted", key, "warning", detail, now)


def _bank_transfer(
    gateway: StripeGateway, customer_id: str, subscription: account_state.Object | None
) -> account_state.Object | None:
    """Where to transfer to, for who is invoiced."""
    if subscription is None or subscription["collection_method"] != "send_invoice":
        return None
    return gateway.bank_transfer(customer_id, subscription["currency"])


def want(connection: Connection, workspace_id: str) -> None:
    """Leave the wish to read an account again."""
    connection.execute(WANT, {"workspace_id": workspace_id})


def request_key(kind: str) -> str:
    """A key for one wish of a person's; the gateway sends it again with the same one."""
    return f"{kind}:{new_id()}"


def _plan_columns(
    connection: Connection, subscription: account_state.Object | None
) -> dict[str, Any]:
    """The plan that is paid for; another price list's subscription pays for none of ours."""
    plan = None if subscription is None else account_state.plan_of(subscription)
    if plan is None:
        return {"plan": FREE, "plan_version_id": None}
    found = connection.execute(PLAN_VERSION, {"plan": plan[0], "number": plan[1]})
    version_id = found.scalar_one_or_none()
    return {"plan": plan[0] if version_id else FREE, "plan_version_id": version_id}
