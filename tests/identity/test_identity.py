"""Tokens, passwords, roles, limits, and the audit chain, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from layers.clock import ManualClock, SystemClock
from layers.database import Database
from layers.database.models import ApiKey, AuditEntry, Role, User, Workspace
from layers.errors import Conflict, NotAuthenticated, TooManyRequests
from layers.identity import PERMISSIONS_OF, Authenticator, Permission
from layers.identity.accounts import Accounts, SignedIn
from layers.identity.audit import AuditEvent, append, find_break, record, verify
from layers.identity.authenticator import REMEMBER_S
from layers.identity.login_limits import ADDRESS, PAIR, LoginLimits
from layers.identity.passwords import check_password, hash_password
from layers.identity.tokens import is_api_key, new_api_key, new_token, token_hash
from layers.ids import new_id
from layers.vault import Vault
from tests.tampering import change_audit_log

PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, Vault(["a key for the tests only"]), SystemClock())


@pytest.fixture
def ada(accounts: Accounts) -> SignedIn:
    return accounts.sign_up("Ada@Example.com", PASSWORD, "Ada")


def workspace(database: Database) -> str:
    workspace_id = new_id()
    with database.write() as session:
        session.add(Workspace(id=workspace_id, name="w", sealed_key="", created_at=0))
    return workspace_id


def test_a_password_is_kept_as_argon2id() -> None:
    kept = hash_password(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert check_password(PASSWORD, kept)
    assert not check_password(PASSWORD + " ", kept)
    assert hash_password(PASSWORD) != kept


@pytest.mark.parametrize("kept", [None, "", "nonsense"])
def test_no_password_fits_nobody(kept: str | None) -> None:
    assert not check_password("the password of nobody", kept)
    assert not check_password("", kept)


def test_keys_have_a_form_and_a_checksum() -> None:
    keys = {new_api_key() for _ in range(200)}
    assert len(keys) == 200
    assert {len(key) for key in keys} == {53}
    for key in keys:
        assert is_api_key(key)
        assert not is_api_key(key[:-1])
        assert not is_api_key("x" + key[1:])
        swapped = key[:10] + key[11] + key[10] + key[12:]
        assert swapped == key or not is_api_key(swapped)
    assert not is_api_key("tdl_" + "ä" * 49)
    assert len(new_token()) >= 43


def test_a_token_is_nowhere_in_the_database(database: Database, ada: SignedIn) -> None:
    with database.reading() as connection:
        rows = [
            str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("users", "sessions", "api_keys", "audit_log", "workspaces")
        ]
    for secret in (PASSWORD, ada.session.token, ada.api_key):
        assert not [row for row in rows if secret in row]
    assert token_hash(ada.api_key) in rows[2]


def test_each_role_may_do_all_that_the_lesser_ones_may() -> None:
    ranks = [PERMISSIONS_OF[role] for role in (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)]
    for lesser, greater in pairwise(ranks):
        assert lesser < greater
    assert PERMISSIONS_OF[Role.OWNER] == frozenset(Permission)
    for permission in PERMISSIONS_OF[Role.VIEWER]:
        assert permission is Permission.SELF or permission.endswith(":read")


def test_an_address_can_be_signed_up_once_even_at_the_same_moment(
    database: Database, accounts: Accounts
) -> None:
    def sign_up(_number: int) -> bool:
        try:
            accounts.sign_up("same@example.com", PASSWORD, "Same")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sign_up, range(4))) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1
        assert session.scalar(select(func.count()).select_from(Workspace)) == 1


def test_one_of_those_who_come_first_administers_the_instance(
    database: Database, accounts: Accounts
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: accounts.sign_up(f"p{n}@example.com", PASSWORD, "P"), range(4)))
    with database.read() as session:
        administrators = session.scalars(select(User.is_administrator)).all()
    assert sorted(administrators) == [False, False, False, True]


def test_signing_in_is_written_down_whether_it_works_or_not(
    database: Database, accounts: Accounts, ada: SignedIn
) -> None:
    with pytest.raises(NotAuthenticated):
        accounts.sign_in("ada@example.com", "wrong password", "192.0.2.1")
    accounts.sign_in("ada@example.com", PASSWORD, "192.0.2.1")
    with database.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions == ["user.signed_up", "user.sign_in_failed", "user.signed_in"]


def test_a_good_sign_in_forgets_the_bad_ones(accounts: Accounts, ada: SignedIn) -> None:
    for _ in range(2):
        for _ in range(PAIR.at_once - 1):
            with pytest.raises(NotAuthenticated):
                accounts.sign_in(ada.user.email, "wrong password", "192.0.2.1")
        accounts.sign_in(ada.user.email, PASSWORD, "192.0.2.1")


def test_simultaneous_guesses_are_all_counted(database: Database) -> None:
    limits = LoginLimits(database, ManualClock())

    def admitted(_number: int) -> bool:
        try:
            limits.admit("a@example.com", "192.0.2.1")
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(admitted, range(3 * PAIR.at_once))) == PAIR.at_once


def test_an_address_that_tries_many_accounts_is_stopped(database: Database) -> None:
    clock = ManualClock()
    limits = LoginLimits(database, clock)
    for number in range(ADDRESS.at_once):
        limits.admit(f"p{number}@example.com", "192.0.2.1")
    with pytest.raises(TooManyRequests) as caught:
        limits.admit("another@example.com", "192.0.2.1")
    assert caught.value.retry_after == ADDRESS.pause_s
    limits.admit("another@example.com", "192.0.2.2")
    clock.advance(ADDRESS.pause_s)
    limits.admit("another@example.com", "192.0.2.1")


def test_what_another_process_revokes_stops_within_seconds(
    database: Database, ada: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1000.0
    # Not the module itself, by whose clock other threads wait.
    monkeypatch.setattr(
        "layers.identity.authenticator.time", SimpleNamespace(monotonic=lambda: moment)
    )
    authenticator = Authenticator(database, SystemClock())
    assert authenticator.by_api_key(ada.api_key) is not None
    with database.write() as session:
        session.scalars(select(ApiKey)).one().revoked_at = 1.0
    assert authenticator.recall(ada.api_key) is not None
    moment += REMEMBER_S + 0.01
    assert REMEMBER_S <= 5
    assert authenticator.recall(ada.api_key) is None
    assert authenticator.by_api_key(ada.api_key) is None


def test_a_changed_role_is_seen_at_the_next_look(database: Database, ada: SignedIn) -> None:
    authenticator = Authenticator(database, SystemClock())
    for role in (Role.VIEWER, Role.ADMIN):
        with database.writing() as connection:
            connection.execute(text("UPDATE memberships SET role = :role"), {"role": role})
        caller = authenticator.by_api_key(ada.api_key)
        assert caller is not None
        assert caller.role is role


def test_somebody_who_left_the_workspace_is_nobody(database: Database, ada: SignedIn) -> None:
    with database.writing() as connection:
        connection.execute(text("DELETE FROM memberships"))
    authenticator = Authenticator(database, SystemClock())
    assert authenticator.by_api_key(ada.api_key) is None
    assert authenticator.by_session(ada.session.token) is None


def test_a_session_is_no_key_and_a_key_is_no_session(database: Database, ada: SignedIn) -> None:
    authenticator = Authenticator(database, SystemClock())
    assert authenticator.by_session(ada.api_key) is None
    assert authenticator.by_api_key(ada.session.token) is None


def test_entries_written_at_the_same_moment_make_one_chain(database: Database) -> None:
    workspace_id = workspace(database)

    def write(number: int) -> None:
        with database.write() as session:
            record(session, workspace_id, f"user:{number}", "test", "thing", {"n": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with database.read() as session:
        assert find_break(session, workspace_id) is None
        numbers = session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)).all()
    assert list(numbers) == list(range(1, 41))


def test_an_entry_is_written_only_with_what_it_is_about(database: Database) -> None:
    workspace_id = workspace(database)

    def fail_after_recording() -> None:
        with database.write() as session:
            record(session, workspace_id, "user:1", "test", "thing")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_recording()
    with database.read() as session:
        assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_log SET actor = 'x' WHERE number = 3",
        "UPDATE audit_log SET action = 'x' WHERE number = 3",
        "UPDATE audit_log SET target = 'x' WHERE number = 3",
        "UPDATE audit_log SET detail = '{}' WHERE number = 3",
        "UPDATE audit_log SET at = at + 1 WHERE number = 3",
        "UPDATE audit_log SET hash = previous_hash WHERE number = 3",
        "DELETE FROM audit_log WHERE number = 3",
    ],
)
def test_any_change_of_the_log_shows(database: Database, change: str) -> None:
    workspace_id = workspace(database)
    for number in range(5):
        with database.write() as session:
            record(session, workspace_id, "user:1", "test", "thing", {"n": number})
    with database.writing() as connection:
        change_audit_log(connection, change)
    with database.read() as session:
        assert find_break(session, workspace_id) == 3


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log WHERE number = 1"],
)
def test_the_database_itself_denies_changes_of_the_log(database: Database, change: str) -> None:
    workspace_id = workspace(database)
    with database.write() as session:
        record(session, workspace_id, "user:1", "test", "thing")
    with pytest.raises(DBAPIError, match="only grows"), database.writing() as connection:
        connection.execute(text(change))
    with database.read() as session:
        assert verify(session, workspace_id).entries == 1


def test_the_log_goes_with_its_workspace_alone(database: Database) -> None:
    ours, theirs = workspace(database), workspace(database)
    for one in (ours, theirs):
        with database.write() as session:
            record(session, one, "user:1", "test", "thing")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM workspaces WHERE id = :id"), {"id": ours})
    with database.read() as session:
        assert verify(session, ours).entries == 0
        assert verify(session, theirs).entries == 1


def test_entries_of_many_workspaces_are_appended_together(database: Database) -> None:
    ours, theirs = workspace(database), workspace(database)
    audit_events = [
        AuditEvent(one, "execution:1", "python.run", "workflow:1", {"n": n}, at=float(n))
        for n in range(3)
        for one in (ours, theirs)
    ]
    for _ in range(2):
        with database.writing() as connection:
            append(connection, audit_events)
    with database.read() as session:
        for one in (ours, theirs):
            verdict = verify(session, one)
            assert (verdict.entries, verdict.broken_at) == (6, None)


def test_a_page_costs_nothing_while_the_key_is_remembered(
    database: Database, ada: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator = Authenticator(database, SystemClock())
    caller = authenticator.by_api_key(ada.api_key)

    def refuse(*_: object) -> Callable[[], None]:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(database, "read", refuse)
    assert authenticator.recall(ada.api_key) == caller
    assert caller is not None
    authenticator.forget(caller.proof_id)
    assert authenticator.recall(ada.api_key) is None
