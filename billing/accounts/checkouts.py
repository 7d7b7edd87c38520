"""At most one page of Checkout that can be paid for each workspace, by construction.

The row of the workspace is claimed before Stripe is asked for a session: two who want the same get
the same session, in one process or in two; who wants something else expires the former one first.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, text

from billing.accounts.change_requests import Checkout
from billing.accounts.statuses import ALIVE
from billing.accounts.stripe_requests import KEPT_BY_STRIPE_S, digest
from billing.failures import StripeRefused, StripeUnavailable
from layers import failpoints
from layers.errors import Conflict, TreadleError
from layers.ids import new_id

if TYPE_CHECKING:
    from billing.accounts.accounts import Accounts

LEASE_S = 15.0
"""Longer than anybody waits for Stripe (``billing/deadline.py``)."""
PAID = "What was begun before is paid already: this workspace has a subscription, change it."
READ = text("SELECT * FROM checkouts WHERE workspace_id = :workspace_id")
# Who begins one for the same workspace queues here.
LOCK = text("UPDATE billing_accounts SET epoch = epoch WHERE workspace_id = :workspace_id")
CLAIM = text(
    "INSERT INTO checkouts (workspace_id, id, wish, session_id, lease_until, created_at)"
    " VALUES (:workspace_id, :id, :wish, NULL, :until, :now)"
    " ON CONFLICT (workspace_id) DO UPDATE SET id = excluded.id, wish = excluded.wish,"
    " session_id = NULL, lease_until = excluded.lease_until, created_at = excluded.created_at"
)
JOIN = text(
    "UPDATE checkouts SET lease_until = :until WHERE workspace_id = :workspace_id AND id = :id"
)
OPENED = text(
    "UPDATE checkouts SET session_id = :session_id WHERE workspace_id = :workspace_id AND id = :id"
)
FORGET = text("DELETE FROM checkouts WHERE workspace_id = :workspace_id AND id = :id")


class Checkouts:
    """Begins checkouts."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def begin(self, workspace_id: str, wanted: Checkout) -> dict[str, Any]:
        """The session on which to pay; raises Conflict where it is paid, or another is begun."""
        wish = digest(asdict(wanted))
        known = self._row(workspace_id)
        if known is not None and known.session_id is not None:
            session = self._still_open(workspace_id, known, wish)
            if session is not None:
                return session
        claimed = self._claim(workspace_id, wish, known)
        failpoints.hit("checkout.claimed")
        if claimed.session_id is not None:
            # Somebody who wanted the same was faster.
            return self._accounts.gateway.session(claimed.session_id)
        try:
            session = self._make(wanted, claimed.id)
        except StripeUnavailable:
            raise
        except TreadleError:
            self._execute(FORGET, workspace_id, id=claimed.id)
            raise
        failpoints.hit("checkout.made")
        if not self._execute(OPENED, workspace_id, id=claimed.id, session_id=session["id"]):
            self._accounts.gateway.expire_session(session["id"])
            raise Conflict("Another checkout was begun meanwhile: begin anew.")
        return session

    def _still_open(self, workspace_id: str, known: Row[Any], wish: str) -> dict[str, Any] | None:
        """The session that there is, if it is for the same and can be paid; else it is closed."""
        gateway = self._accounts.gateway
        session = gateway.session(known.session_id)
        if session["status"] == "open" and known.wish == wish:
            return session
        if session["status"] == "open":
            try:
                gateway.expire_session(session["id"])
            except StripeRefused:
                # It ended at this moment: how, is what matters.
                session = gateway.session(known.session_id)
        if session["status"] == "complete":
            self._accounts.refresh(workspace_id)
            if self._accounts.read(workspace_id).status in ALIVE:
                raise Conflict(PAID)
        return None

    def _claim(self, workspace_id: str, wish: str, known: Row[Any] | None) -> Row[Any]:
        now = self._accounts.clock.now()
        values = {"workspace_id": workspace_id, "wish": wish, "now": now, "until": now + LEASE_S}
        with self._accounts.database.writing() as connection:
            connection.execute(LOCK, values)
            row = connection.execute(READ, values).one_or_none()
            is_news = row is not None and row != known
            if row is not None and row.wish == wish and (is_news or row.session_id is None):
                if now - row.created_at < KEPT_BY_STRIPE_S:
                    connection.execute(JOIN, {**values, "id": row.id})
                    return row  # Somebody else began the same meanwhile.
            elif row is not None and (row.lease_until > now) and (is_news or not row.session_id):
                raise Conflict(
                    "Another checkout is being begun for this workspace: try again in a moment."
                )
            connection.execute(CLAIM, {**values, "id": new_id()})
            return connection.execute(READ, values).one()

    def _make(self, wanted: Checkout, key: str) -> dict[str, Any]:
        """Make the session; those that a process left behind that died are closed first."""
        gateway = self._accounts.gateway
        for session in gateway.open_sessions(wanted.customer_id):
            if session["mode"] == "subscription" and session["metadata"].get("checkout") != key:
                gateway.expire_session(session["id"])
        marked = replace(wanted, metadata={**wanted.metadata, "checkout": key})
        return gateway.checkout(marked, f"checkout:{key}")

    def _row(self, workspace_id: str) -> Row[Any] | None:
        with self._accounts.database.reading() as connection:
            return connection.execute(READ, {"workspace_id": workspace_id}).one_or_none()

    def _execute(self, statement: Any, workspace_id: str, **values: object) -> int:
        with self._accounts.database.writing() as connection:
            return connection.execute(statement, {"workspace_id": workspace_id, **values}).rowcount
