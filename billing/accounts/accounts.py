"""The account of a workspace: its customer with Stripe, and the copy of what Stripe says.

Events and calls only leave it noted to read everything again (``wanted``). Reading is done by one
at a time for each account, and ends when no request has come meanwhile: so neither the order of
events, nor duplicates, nor days of delay make a difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row, text

from billing.accounts.account_row import account_row, ensure_account, find_account_row, want
from billing.accounts.customer_snapshot import NOBODY, CustomerSnapshot, read_account
from billing.accounts.endings import finish_ending
from billing.accounts.storing import store_account
from billing.accounts.stripe_requests import StripeRequests
from billing.accounts.surplus import end_surplus
from billing.accounts.trials import Trials
from billing.alerts.administrator import tell_administrator
from billing.deadline import left_s
from billing.failures import BillingIsOff, StripeRefused, StripeUnavailable, StripeUncertain
from billing.limits import on_hold
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
SET_CUSTOMER = text(
    "UPDATE billing_accounts SET customer_id = :customer_id, livemode = :livemode"
    " WHERE workspace_id = :workspace_id AND coalesce(customer_id, '') = :former"
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
ANY_WANTED = (
    "EXISTS (SELECT 1 FROM billing_accounts WHERE wanted > synchronized"
    " AND (lease_until IS NULL OR lease_until <= :now))"
)
"""SQL: whether an account is to be read again."""
FAIL = text(
    "UPDATE billing_accounts SET failures = failures + 1, error = :error, lease_until = :until"
    " WHERE workspace_id = :workspace_id AND epoch = :epoch"
)


@dataclass(frozen=True)
class Person:
    """Who pays: what a customer is made with."""

    workspace_id: str
    workspace_name: str
    email: str
    user_id: str = ""


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
        with self.database.reading() as connection:
            found = find_account_row(connection, workspace_id)
        if found is None:
            with self.database.writing() as connection:
                ensure_account(connection, workspace_id, self.clock.now())
                found = account_row(connection, workspace_id)
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
        they have read for this request, too.
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
                    raise StripeUnavailable
                time.sleep(OTHERS_PAUSE_S)
        except StripeUnavailable as error:
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
            return account_row(connection, workspace_id)

    def _found(self, account: Row[Any]) -> CustomerSnapshot:
        return NOBODY if account.customer_id is None else read_account(self.gateway, account)

    def _store(self, account: Row[Any], found: CustomerSnapshot) -> list[str]:
        now = self.clock.now()
        with self.database.writing() as connection:
            if not store_account(connection, account, found, self.settings, now):
                return []  # Somebody else took it over; what they read is newer.
            return on_hold.release(connection, self.settings, account.workspace_id, now)

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


def request_key(kind: str) -> str:
    """A key for one request of a person's; the gateway sends it again with the same one."""
    return f"{kind}:{new_id()}"
