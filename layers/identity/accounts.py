"""Signing up and signing in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from layers.clock import Clock
from layers.database import Database
from layers.database.models import Membership, Role, User, Workspace
from layers.database.repositories.users import (
    claim_fact,
    find_user,
    first_membership,
    get_workspace,
)
from layers.errors import Conflict, NotAuthenticated
from layers.identity.api_keys import issue_api_key
from layers.identity.audit import record
from layers.identity.login_limits import LoginLimits
from layers.identity.passwords import check_password, hash_password
from layers.identity.sessions import NewSession, begin_session
from layers.ids import new_id
from layers.vault import Vault

ADMINISTRATOR = "first_administrator"


@dataclass(frozen=True)
class SignedIn:
    """A user who has just signed in; ``api_key`` is set only after signing up."""

    user: User
    workspace: Workspace
    role: Role
    session: NewSession
    api_key: str = ""


class Accounts:
    """Makes accounts and lets people in."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._limits = LoginLimits(database, clock)

    def sign_up(self, email: str, password: str, name: str) -> SignedIn:
        """Make a user with a workspace of their own; raises Conflict if the address is taken.

        The first one of an instance becomes its administrator.
        """
        email = email.lower()
        password_hash = hash_password(password)
        try:
            with self._database.write() as session:
                if find_user(session, email) is not None:
                    raise Conflict("There is an account with this e-mail address; sign in instead.")
                return self._create(session, email, password_hash, name)
        except IntegrityError as error:
            raise Conflict(
                "There is an account with this e-mail address; sign in instead."
            ) from error

    def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        """Check a password and begin a session; ``address`` is where the request came from.

        Raises NotAuthenticated, or TooManyRequests after too many failures.
        """
        email = email.lower()
        self._limits.admit(email, address)
        with self._database.read() as session:
            user = find_user(session, email)
            membership = first_membership(session, user.id) if user else None
        good = check_password(password, user.password_hash if user else None)
        if user is None or membership is None or not good:
            if user is not None and membership is not None:
                self._record_failure(user, membership, address)
            raise NotAuthenticated("The e-mail address or the password is wrong.")
        self._limits.forgive(email, address)
        with self._database.write() as session:
            workspace = get_workspace(session, membership.workspace_id)
            begun = begin_session(session, user.id, workspace.id, self._clock.now())
            actor = f"user:{user.id}"
            record(session, workspace.id, actor, "user.signed_in", actor, {"address": address})
        return SignedIn(user, workspace, Role(membership.role), begun)

    def _create(self, session: Session, email: str, password_hash: str, name: str) -> SignedIn:
        now = self._clock.now()
        user_id, workspace_id = new_id(), new_id()
        user = User(
            id=user_id,
            email=email,
            name=name,
            password_hash=password_hash,
            is_administrator=claim_fact(session, ADMINISTRATOR, user_id),
            created_at=now,
        )
        workspace = Workspace(
            id=workspace_id,
            name=f"{name}'s workspace",
            sealed_key=self._vault.new_workspace_key(workspace_id),
            created_at=now,
        )
        session.add_all([user, workspace])
        session.flush()
        session.add(
            Membership(workspace_id=workspace_id, user_id=user_id, role=Role.OWNER, created_at=now)
        )
        _row, key = issue_api_key(session, workspace_id, user_id, "First key", now)
        begun = begin_session(session, user_id, workspace_id, now)
        actor = f"user:{user_id}"
        record(session, workspace_id, actor, "user.signed_up", actor)
        return SignedIn(user, workspace, Role.OWNER, begun, key)

    def _record_failure(self, user: User, membership: Membership, address: str) -> None:
        with self._database.write() as session:
            actor = f"user:{user.id}"
            record(
                session,
                membership.workspace_id,
                "anonymous",
                "user.sign_in_failed",
                actor,
                {"address": address},
            )
