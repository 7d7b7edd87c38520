"""What is asked of Stripe is an intention: its key is its own, and never brings an old answer.

Stripe keeps the first answer to a key for a day, refusals included, and gives it again
(https://docs.stripe.com/api/idempotent_requests). So a key belongs to one attempt whose outcome is
written down: an answer that was lost is asked for again with the same key and the same body, and
what was refused or done is asked anew with another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, text

from billing.accounts.account_row import want
from billing.failures import StripeRefused, StripeUnavailable
from layers import failpoints, jsontext
from layers.clock import Clock
from layers.database import Database
from layers.errors import Conflict, TreadleError
from layers.ids import new_id

T = TypeVar("T")
Body = Mapping[str, Any]
KEPT_BY_STRIPE_S = 23 * 3600.0
"""A key is good for 24 hours; after that it would make a second thing."""
LOST_AFTER_S = 60.0
KEPT_S = 30 * 86_400.0
OPEN = text(
    "SELECT * FROM stripe_requests WHERE workspace_id = :workspace_id AND kind = :kind"
    " AND state IN ('asked', 'lost') ORDER BY created_at DESC, id DESC LIMIT 1"
)
DONE = text(
    "SELECT 1 FROM stripe_requests WHERE workspace_id = :workspace_id AND kind = :kind"
    " AND state = 'done'"
)
LEAVE = text(
    "UPDATE stripe_requests SET state = 'left', ended_at = :now"
    " WHERE workspace_id = :workspace_id AND kind = :kind AND state IN ('asked', 'lost')"
)
INSERT = text(
    "INSERT INTO stripe_requests (id, workspace_id, kind, wish, body, state, created_at)"
    " VALUES (:id, :workspace_id, :kind, :wish, :body, 'asked', :now)"
)
END = text("UPDATE stripe_requests SET state = :state, ended_at = :now WHERE id = :id")
WANT_LOST = text(
    "UPDATE billing_accounts SET wanted = wanted + 1 WHERE workspace_id IN"
    " (SELECT workspace_id FROM stripe_requests WHERE state = 'asked' AND created_at < :before)"
)
MARK_LOST = text(
    "UPDATE stripe_requests SET state = 'lost' WHERE state = 'asked' AND created_at < :before"
)
PRUNE = text("DELETE FROM stripe_requests WHERE created_at < :before")


class StripeRequests:
    """The intentions of an instance's workspaces."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def once(
        self,
        workspace_id: str,
        kind: str,
        wish: object,
        body: Body,
        ask: Callable[[Body, str], T],
    ) -> T:
        """Ask for something, so that it happens once however often it is asked.

        ``wish`` (JSON) says what is wanted and on which state that is based: who wants the same of
        the same state while no answer has come repeats the request. ``body`` (JSON) is what is
        sent; of a repeated request it is the first one's. ``ask`` gets body and key.
        """
        request = self._begin(workspace_id, kind, digest(wish), body)
        failpoints.hit(f"{kind}.asked")
        try:
            answer = ask(jsontext.loads(request.body), f"{kind}:{request.id}")
        except StripeUnavailable:
            raise
        except StripeRefused as error:
            if error.status_code == 409:
                # The same request is on its way at this moment; whoever sent it notes its end.
                raise Conflict("The same is being done at the moment: look again.") from error
            self._end(request.id, "refused")
            raise
        except TreadleError:
            self._end(request.id, "refused")
            raise
        failpoints.hit(f"{kind}.answered")
        self._end(request.id, "done")
        return answer

    def open(self, workspace_id: str, kind: str) -> Body | None:
        """The body of the request of this kind whose answer nobody heard; None without one."""
        with self._database.reading() as connection:
            found = connection.execute(OPEN, {"workspace_id": workspace_id, "kind": kind})
            row = found.one_or_none()
        return None if row is None else jsontext.loads(row.body)

    def was_done(self, workspace_id: str, kind: str) -> bool:
        """Whether a request of this kind has come out well."""
        with self._database.reading() as connection:
            found = connection.execute(DONE, {"workspace_id": workspace_id, "kind": kind})
            return found.first() is not None

    def settle(self, workspace_id: str, kind: str) -> None:
        """Note that what was asked last has happened, as was seen at Stripe."""
        values = {"workspace_id": workspace_id, "kind": kind, "now": self._clock.now()}
        with self._database.writing() as connection:
            row = connection.execute(OPEN, values).one_or_none()
            if row is not None:
                connection.execute(END, {"id": row.id, "state": "done", "now": values["now"]})

    def find_lost(self) -> None:
        """Have accounts read again whose process died before an answer came; forget old ones."""
        now = self._clock.now()
        with self._database.writing() as connection:
            before = {"before": now - LOST_AFTER_S}
            connection.execute(WANT_LOST, before)
            connection.execute(MARK_LOST, before)
            connection.execute(PRUNE, {"before": now - KEPT_S})

    def _begin(self, workspace_id: str, kind: str, wish: str, body: Body) -> Row[Any]:
        now = self._clock.now()
        values = {"workspace_id": workspace_id, "kind": kind, "wish": wish, "now": now}
        with self._database.writing() as connection:
            # Who asks for the same workspace queues here; what comes of it will be read again.
            want(connection, workspace_id)
            row: Row[Any] | None = connection.execute(OPEN, values).one_or_none()
            if row is not None and row.wish == wish and now - row.created_at < KEPT_BY_STRIPE_S:
                return row
            connection.execute(LEAVE, values)
            return _inserted(connection, {**values, "body": jsontext.dumps(dict(body))})

    def _end(self, request_id: str, state: str) -> None:
        with self._database.writing() as connection:
            values = {"id": request_id, "state": state, "now": self._clock.now()}
            connection.execute(END, values)


def digest(wish: object) -> str:
    """Stands for a wish, whatever its size."""
    return hashlib.sha256(jsontext.dumps(wish).encode()).hexdigest()


def _inserted(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    connection.execute(INSERT, {**values, "id": new_id()})
    return connection.execute(OPEN, values).one()
