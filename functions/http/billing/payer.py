"""Who pays, what of it is put on record, and which problems asking Stripe may answer with."""

from __future__ import annotations

from typing import Any

from billing.accounts.accounts import Person
from functions.http.endpoint import problems
from functions.http.shapes import Out
from functions.parts import Parts
from layers.database.repositories.users import get_user, get_workspace
from layers.identity import Caller
from layers.identity.audit import record

STATE = problems(
    _402="The payment was refused.",
    _409="Billing is off, or that does not fit what the workspace has.",
    _503="Stripe cannot be reached; nothing was changed.",
)


class CheckoutOut(Out):
    """Stripe's page, on which to pay."""

    id: str
    url: str


class UrlOut(Out):
    """Where to go."""

    url: str


def person_of(parts: Parts, caller: Caller) -> Person:
    """Who a customer is made for."""
    with parts.database.read() as session:
        name = get_workspace(session, caller.workspace_id).name
        email = get_user(session, caller.user_id).email
    return Person(caller.workspace_id, name, email, caller.user_id)


def put_on_record(parts: Parts, caller: Caller, action: str, detail: dict[str, Any]) -> None:
    """Write into the audit log what somebody did about payments."""
    target = f"workspace:{caller.workspace_id}"
    with parts.database.write() as session:
        record(session, caller.workspace_id, caller.actor, action, target, detail)
