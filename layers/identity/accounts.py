"""Signing up and signing in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from layers.clock import Clock
from layers.database import Database
from layers.database.models import Membership, Role, User, Workspace
from layers.database.repositories.instance_facts import claim_fact
from layers.database.repositories.members import Members
from layers.database.repositories.sessions import end_other_sessions, end_session, find_session
from layers.database.repositories.users import (
    find_user,
    first_membership,
    get_user,
    get_workspace,
)
from layers.errors import Conflict, FieldError, InvalidInput, NotAuthenticated, NotFound
from layers.identity.api_keys import issue_api_key
from layers.identity.audit import record
from layers.identity.caller import Caller
from layers.identity.devices import known_device, new_device
from layers.identity.invitations import MayJoin, join
from layers.identity.login_limits import LoginLimits
from layers.identity.passwords import check_password, hash_password
from layers.identity.permissions import PERMISSIONS_OF, Permission
from layers.identity.sessions import NewSession, begin_session
from layers.identity.signup_limits import SignUpLimits
from layers.identity.workspaces import home_of, make_workspace, own_name
from layers.ids import new_id
from layers.settings.accounts import AccountSettings
from layers.vault import Vault

ADMINISTRATOR = "first_administrator"


@dataclass(frozen=True)
class SignedIn:
    """A user who has just signed in.

    ``api_key`` is set only after signing up, and there only if the role may have keys. ``device``
    is the note that the browser keeps, for its next time.
    """

    user: User
    workspace: Workspace
    role: Role
    session: NewSession
    api_key: str = ""
    device: str = ""


class Accounts:
    """Makes accounts and lets people in."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        may_join: MayJoin | None = None,
        settings: AccountSettings | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._may_join = may_join
        self._limits = LoginLimits(database, clock)
        self._sign_ups = SignUpLimits(database, clock, settings or AccountSettings())

    def sign_up(
        self,
        email: str,
        password: str,
        name: str,
        invitation: str = "",
        address: str = "unknown",
    ) -> SignedIn:
        """Make a user with a workspace of their own, or in the one that they were invited into.

        ``address`` is where the request came from. Raises NotAllowed where accounts cannot be
        made, TooManyRequests, and Conflict if the e-mail address is taken; for the invitation see
        ``join``. The first one of an instance becomes its administrator.
        """
        self._sign_ups.admit(address, invited=bool(invitation))
        email = email.lower()
        password_hash = hash_password(password)
        try:
            with self._database.write() as session:
                if find_user(session, email) is not None:
                    raise _taken()
                return self._create(session, email, password_hash, name, invitation)
        except IntegrityError as error:
            raise _taken() from error

    def sign_in(self, email: str, password: str, address: str, note: str = "") -> SignedIn:
        """Check a password and begin a session; ``address`` is where the request came from.

        ``note`` is what the browser kept of a former time. Raises NotAuthenticated, or
        TooManyRequests after too many failures of this browser, or from this address.
        """
        email = email.lower()
        now = self._clock.now()
        with self._database.read() as session:
            user = find_user(session, email)
            membership = first_membership(session, user.id) if user else None
        device = known_device(self._vault, user, note, now)
        self._limits.admit(email, address, device)
        good = check_password(password, user.password_hash if user else None)
        if user is None or not good:
            if user is not None and membership is not None:
                self._record_failure(user, membership, address)
            else:
                self._limits.take_as_long()
            raise NotAuthenticated("The e-mail address or the password is wrong.")
        self._limits.forgive(email, address, device)
        with self._database.write() as session:
            user = get_user(session, user.id)
            workspace, home = home_of(session, self._vault, user, now)
            begun = begin_session(session, user.id, workspace.id, now)
            actor = f"user:{user.id}"
            record(session, workspace.id, actor, "user.signed_in", actor, {"address": address})
            kept = new_device(self._vault, user, now)
        return SignedIn(user, workspace, Role(home.role), begun, device=kept)

    def enter(self, caller: Caller, workspace_id: str) -> SignedIn:
        """Let a browser go on in another workspace of its user; its session is replaced.

        Raises NotFound for a workspace that the user does not belong to.
        """
        with self._database.write() as session:
            membership = Members(session, workspace_id).admitted(caller.user_id)
            if membership is None:
                raise NotFound("You belong to no workspace with that id.")
            return self._enter(session, caller, get_user(session, caller.user_id), membership)

    def accept(self, caller: Caller, token: str) -> SignedIn:
        """Join on an invitation and go on there; see ``join`` for what it raises."""
        with self._database.write() as session:
            user = get_user(session, caller.user_id)
            joined = join(session, user, token, self._clock.now(), self._may_join)
            return self._enter(session, caller, user, joined)

    def change_password(self, caller: Caller, current: str, new: str, address: str) -> list[str]:
        """Change the caller's password; raises InvalidInput if the current one is wrong.

        Attempts count as those to sign in do: raises TooManyRequests after too many failures.

        Every other session of theirs ends; returns the hashes of those.
        """
        with self._database.read() as session:
            user = get_user(session, caller.user_id)
        # Who is signed in is counted by themselves, whatever others try.
        self._limits.admit(user.email, address, caller.user_id)
        if not check_password(current, user.password_hash):
            raise InvalidInput(errors=[FieldError("/current", "This is not your password.")])
        self._limits.forgive(user.email, address, caller.user_id)
        hashed = hash_password(new)
        with self._database.write() as session:
            get_user(session, caller.user_id).password_hash = hashed
            ended = end_other_sessions(session, caller.user_id, caller.proof_id)
            target = f"user:{caller.user_id}"
            record(session, caller.workspace_id, caller.actor, "user.password_changed", target)
        return ended

    def _enter(
        self, session: Session, caller: Caller, user: User, membership: Membership
    ) -> SignedIn:
        user.last_workspace_id = membership.workspace_id
        former = find_session(session, caller.proof_id)
        began = former[0].created_at if former else None
        end_session(session, caller.proof_id)
        now = self._clock.now()
        begun = begin_session(session, user.id, membership.workspace_id, now, began)
        workspace = get_workspace(session, membership.workspace_id)
        return SignedIn(user, workspace, Role(membership.role), begun)

    @staticmethod
    def _is_first(session: Session, user_id: str) -> bool:
        return claim_fact(session.connection(), ADMINISTRATOR, user_id) == user_id

    def _create(
        self, session: Session, email: str, password_hash: str, name: str, invitation: str
    ) -> SignedIn:
        now = self._clock.now()
        user_id = new_id()
        user = User(
            id=user_id,
            email=email,
            name=name,
            password_hash=password_hash,
            is_administrator=self._is_first(session, user_id),
            created_at=now,
        )
        session.add(user)
        session.flush()
        if invitation:
            membership = join(session, user, invitation, now, self._may_join)
            workspace = get_workspace(session, membership.workspace_id)
        else:
            workspace, membership = make_workspace(session, self._vault, user, own_name(name), now)
        role = Role(membership.role)
        key = ""
        if Permission.API_KEY_WRITE in PERMISSIONS_OF[role]:
            _row, key = issue_api_key(session, workspace.id, user_id, "First key", now)
        begun = begin_session(session, user_id, workspace.id, now)
        actor = f"user:{user_id}"
        record(session, workspace.id, actor, "user.signed_up", actor)
        return SignedIn(user, workspace, role, begun, key, new_device(self._vault, user, now))

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


def _taken() -> Conflict:
    message = "There is an account with this e-mail address; sign in instead."
    return Conflict(message, errors=[FieldError("/email", message)])
