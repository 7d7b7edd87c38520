"""Finding 11: what somebody made by a right of theirs ends with that right."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.database.models import Invitation, Role
from layers.database.repositories.members import Members
from layers.database.repositories.users import find_user
from layers.errors import NotAllowed, NotFound, TreadleError
from layers.identity import Caller, Via
from layers.identity.invitations import invite as make_invitation
from layers.identity.members import Membering
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.people import BASE, PASSWORD, Guest, bring, token_of
from tests.lock_waits import waits_for_a_lock
from tests.waiting import PATIENCE_S, until


def invited_by(guest: Guest, role: str, email: str = "backdoor@example.com") -> str:
    answer = guest.browser.post(f"{BASE}/invitations", json={"email": email, "role": role})
    assert answer.status == 201, answer.text
    return token_of(answer.json())


def admits(client: Client, token: str, email: str = "backdoor@example.com") -> bool:
    told = client.as_other().post(f"{BASE}/auth/invitation", json={"token": token})
    new = {"email": email, "password": PASSWORD, "name": "B", "invitation": token}
    answer = client.as_other().post(f"{BASE}/auth/signup", json=new)
    assert {answer.status, told.status} in ({201, 200}, {404}), answer.text
    return answer.status == 201


def remove(host: Person, guest: Guest) -> None:
    assert host.program.delete(f"{BASE}/members/{guest.user_id}").status == 204


def leave(_host: Person, guest: Guest) -> None:
    assert guest.browser.delete(f"{BASE}/members/{guest.user_id}").status == 204


def demote(host: Person, guest: Guest) -> None:
    body = {"role": "editor"}
    assert host.program.put(f"{BASE}/members/{guest.user_id}", json=body).status == 200


@pytest.mark.parametrize("end", [remove, leave, demote])
def test_an_invitation_ends_with_its_inviters_right(
    ada: Person, client: Client, end: Callable[[Person, Guest], None]
) -> None:
    guest = bring(ada, client, "admin")
    token = invited_by(guest, "admin")
    end(ada, guest)
    assert ada.program.get(f"{BASE}/invitations").json()["items"] == [], "none is open any more"
    assert not admits(client, token)
    log = ada.program.get(f"{BASE}/audit-log").json()["items"]
    ended = [one for one in log if one["action"] == "invitation.ended_with_its_inviter"]
    assert [one["detail"]["email"] for one in ended] == ["backdoor@example.com"]
    assert ended[0]["detail"]["invited_by"] == f"user:{guest.user_id}"


def test_an_owner_who_becomes_an_admin_no_longer_makes_owners(ada: Person, client: Client) -> None:
    guest = bring(ada, client, "owner")
    as_owner = invited_by(guest, "owner", "o@example.com")
    as_editor = invited_by(guest, "editor", "e@example.com")
    body = {"role": "admin"}
    assert ada.program.put(f"{BASE}/members/{guest.user_id}", json=body).status == 200
    listed = ada.program.get(f"{BASE}/invitations").json()["items"]
    assert [one["email"] for one in listed] == ["e@example.com"]
    assert not admits(client, as_owner, "o@example.com")
    assert admits(client, as_editor, "e@example.com")


def test_a_right_that_comes_back_does_not_bring_the_invitations_back(
    ada: Person, client: Client
) -> None:
    guest = bring(ada, client, "admin")
    token = invited_by(guest, "viewer")
    demote(ada, guest)
    ada.program.put(f"{BASE}/members/{guest.user_id}", json={"role": "admin"})
    assert not admits(client, token)


def test_invitations_of_who_was_removed_by_an_earlier_version(
    ada: Person, client: Client, parts: Parts
) -> None:
    """They are still in the database: neither good nor listed as if they were."""
    guest = bring(ada, client, "admin")
    token = invited_by(guest, "admin")
    with parts.database.writing() as connection:
        connection.execute(
            text("DELETE FROM memberships WHERE user_id = :id"), {"id": guest.user_id}
        )
    assert ada.program.get(f"{BASE}/invitations").json()["items"] == []
    assert not admits(client, token)


def caller_of(person: Person) -> Caller:
    return Caller(
        workspace_id=person.workspace_id,
        user_id=person.user_id,
        role=Role.OWNER,
        via=Via.API_KEY,
        proof_id="k",
    )


def test_joining_while_the_inviter_is_removed(
    ada: Person, client: Client, parts: Parts, database_kind: str
) -> None:
    """Two connections: who accepts has found the invitation good before the removal commits."""
    guest = bring(ada, client, "admin")
    token = invited_by(guest, "admin")
    accounts: Any = client.app.state.accounts
    failures: list[TreadleError] = []

    def accept() -> None:
        try:
            accounts.sign_up("backdoor@example.com", PASSWORD, "B", token)
        except NotFound as error:
            failures.append(error)

    thread = threading.Thread(target=accept)
    with parts.database.write() as session:
        Membering(session, caller_of(ada)).remove(guest.user_id, parts.clock.now())
        session.flush()
        thread.start()
        if database_kind == "postgres":
            until(
                lambda: waits_for_a_lock(parts.database),
                "the one who accepts waits for the workspace",
            )
    thread.join(PATIENCE_S)
    assert len(failures) == 1
    with parts.database.read() as session:
        assert len(Members(session, ada.workspace_id).all()) == 1
        assert find_user(session, "backdoor@example.com") is None


def test_inviting_after_the_removal_was_committed(
    ada: Person, client: Client, parts: Parts
) -> None:
    """The caller was admitted just before, when they still were an admin."""
    guest = bring(ada, client, "admin")
    stale = Caller(
        workspace_id=ada.workspace_id,
        user_id=guest.user_id,
        role=Role.ADMIN,
        via=Via.SESSION,
        proof_id="s",
    )
    remove(ada, guest)
    with pytest.raises(NotAllowed), parts.database.write() as session:
        make_invitation(session, stale, "x@example.com", Role.VIEWER, parts.clock.now())
    with parts.database.read() as session:
        assert session.query(Invitation).count() == 0


def test_an_event_stream_ends_with_the_right_to_read(
    ada: Person, client: Client, parts: Parts
) -> None:
    guest = bring(ada, client, "viewer")
    workflow = {
        "name": "waits",
        "nodes": [{"id": "m", "type": "manual"}],
    }
    made = ada.program.post(f"{BASE}/workflows", json=workflow).json()
    started = ada.program.post(f"{BASE}/workflows/{made['id']}/run").json()
    address = f"{BASE}/executions/{started['execution_id']}/events"
    ended: list[int] = []

    def follow() -> None:
        ended.append(guest.browser.get(address, to_end=True).status)

    thread = threading.Thread(target=follow)
    thread.start()
    follows = parts.channel._hub._bells  # type: ignore[attr-defined]
    until(lambda: started["execution_id"] in follows, "somebody follows the execution")
    remove(ada, guest)
    thread.join(PATIENCE_S)
    assert ended == [200], "no worker ever runs the execution, but nobody follows it"
