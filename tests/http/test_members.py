"""Workspaces, their members, and invitations into them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.identity.invitations import VALID_S
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.people import BASE, PASSWORD, Guest, bring, invite

ROLES = ("owner", "admin", "editor", "viewer")


def role_of(host: Person, user_id: str) -> str:
    members = host.program.get(f"{BASE}/members").json()["items"]
    return str(next(one["role"] for one in members if one["user_id"] == user_id))


def test_somebody_joins_on_an_invitation_with_its_role(ada: Person, client: Client) -> None:
    token = invite(ada, "Grace@Example.com", "viewer")
    stranger = client.as_other()
    told = stranger.post(f"{BASE}/auth/invitation", json={"token": token})
    assert told.status == 200, told.text
    assert told.json()["email"] == "grace@example.com"
    assert told.json()["workspace_name"] == "Ada's workspace"
    assert told.json()["invited_by"] == "Ada"
    assert told.json()["has_account"] is False
    new = {"email": "grace@example.com", "password": PASSWORD, "name": "Grace"}
    joined = stranger.post(f"{BASE}/auth/signup", json={**new, "invitation": token})
    assert joined.status == 201, joined.text
    assert joined.json()["workspace"]["id"] == ada.workspace_id
    assert joined.json()["workspace"]["role"] == "viewer"
    assert joined.json()["api_key"] == "", "a viewer may have no keys"
    assert stranger.get(f"{BASE}/workflows").status == 200
    assert ada.program.get(f"{BASE}/invitations").json()["items"] == []
    members = ada.program.get(f"{BASE}/members").json()["items"]
    assert [(one["name"], one["role"]) for one in members] == [
        ("Ada", "owner"),
        ("Grace", "viewer"),
    ]
    again = client.as_other().post(f"{BASE}/auth/invitation", json={"token": token})
    assert again.status == 404, "an invitation is good for one"


def test_who_has_an_account_accepts_and_goes_on_there(
    sign_up: Callable[..., Person], client: Client
) -> None:
    ada, grace = sign_up("Ada"), sign_up("Grace")
    token = invite(ada, grace.email, "editor")
    assert client.post(f"{BASE}/auth/invitation", json={"token": token}).json()["has_account"]
    refused = grace.program.post(f"{BASE}/auth/join", json={"token": token})
    assert refused.status == 409, "a key belongs to one workspace"
    answer = grace.browser.post(f"{BASE}/auth/join", json={"token": token})
    assert answer.status == 200, answer.text
    grace.browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    me = grace.browser.get(f"{BASE}/me").json()
    assert me["workspace"]["id"] == ada.workspace_id
    assert me["workspace"]["role"] == "editor"
    listed = grace.browser.get(f"{BASE}/workspaces").json()["items"]
    assert [one["id"] for one in listed] == [grace.workspace_id, ada.workspace_id]
    back = grace.browser.post(f"{BASE}/auth/workspace", json={"workspace_id": grace.workspace_id})
    assert back.json()["workspace"]["role"] == "owner"
    assert grace.browser.get(f"{BASE}/me").json()["workspace"]["id"] == grace.workspace_id


def test_the_session_before_a_switch_is_worth_nothing(sign_up: Callable[..., Person]) -> None:
    ada = sign_up("Ada")
    made = ada.browser.post(f"{BASE}/workspaces", json={"name": "Second"}).json()
    former = ada.browser.cookies["treadle_session"]
    answer = ada.browser.post(f"{BASE}/auth/workspace", json={"workspace_id": made["id"]})
    assert answer.status == 200, answer.text
    stale = ada.browser.as_other({"Cookie": f"treadle_session={former}"})
    assert stale.get(f"{BASE}/me").status == 401


def test_signing_in_leads_to_where_one_was_last(ada: Person, client: Client) -> None:
    made = ada.browser.post(f"{BASE}/workspaces", json={"name": "Second"}).json()
    ada.browser.post(f"{BASE}/auth/workspace", json={"workspace_id": made["id"]})
    proof = {"email": ada.email, "password": ada.password}
    found = client.as_other().post(f"{BASE}/auth/login", json=proof).json()
    assert found["workspace"]["id"] == made["id"]


def test_an_invitation_to_another_address_is_not_ones_own(
    sign_up: Callable[..., Person], client: Client
) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    token = invite(ada, "grace@example.com", "admin")
    answer = eve.browser.post(f"{BASE}/auth/join", json={"token": token})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/token"
    new = {"email": "eve2@example.com", "password": PASSWORD, "name": "E", "invitation": token}
    assert client.as_other().post(f"{BASE}/auth/signup", json=new).status == 422
    assert len(ada.program.get(f"{BASE}/members").json()["items"]) == 1


def test_an_invitation_ends_by_withdrawal_a_newer_one_and_age(
    ada: Person, client: Client, parts: Parts
) -> None:
    def is_good(token: str) -> bool:
        answer = client.as_other().post(f"{BASE}/auth/invitation", json={"token": token})
        return answer.status == 200

    first = invite(ada, "grace@example.com", "viewer")
    second = invite(ada, "grace@example.com", "editor")
    assert (is_good(first), is_good(second)) == (False, True)
    (listed,) = ada.program.get(f"{BASE}/invitations").json()["items"]
    assert listed["role"] == "editor"
    assert "url" not in listed
    assert ada.program.delete(f"{BASE}/invitations/{listed['id']}").status == 204
    assert not is_good(second)
    third = invite(ada, "grace@example.com", "editor")
    with parts.database.writing() as connection:
        connection.execute(
            text("UPDATE invitations SET expires_at = expires_at - :s"), {"s": VALID_S}
        )
    assert not is_good(third)
    assert ada.program.get(f"{BASE}/invitations").json()["items"] == []


def test_a_member_cannot_be_invited_again(ada: Person, client: Client) -> None:
    bring(ada, client, "viewer")
    body = {"email": "GRACE@example.com", "role": "admin"}
    assert ada.program.post(f"{BASE}/invitations", json=body).status == 409


@pytest.mark.parametrize("role", ROLES)
def test_only_owners_deal_with_owners(ada: Person, client: Client, role: str) -> None:
    guest = bring(ada, client, role)
    may_invite = role in {"owner", "admin"}
    for wanted in ROLES:
        body = {"email": f"{wanted}@example.com", "role": wanted}
        answer = guest.browser.post(f"{BASE}/invitations", json=body)
        expected = 201 if may_invite and (wanted != "owner" or role == "owner") else 403
        assert answer.status == expected, (role, wanted, answer.text)
    lesser = guest.browser.put(f"{BASE}/members/{ada.user_id}", json={"role": "viewer"})
    assert lesser.status == (200 if role == "owner" else 403)


def test_the_last_owner_stays(ada: Person, client: Client) -> None:
    address = f"{BASE}/members/{ada.user_id}"
    assert ada.browser.delete(address).status == 409
    assert ada.browser.put(address, json={"role": "admin"}).status == 409
    guest = bring(ada, client, "editor")
    made = ada.browser.put(f"{BASE}/members/{guest.user_id}", json={"role": "owner"})
    assert made.json()["role"] == "owner"
    assert ada.browser.put(address, json={"role": "admin"}).status == 200
    assert role_of(ada, ada.user_id) == "admin"


def test_a_new_role_counts_at_once(ada: Person, client: Client) -> None:
    guest = bring(ada, client, "viewer")
    draft = {"name": "d"}
    assert guest.browser.post(f"{BASE}/workflow-drafts", json=draft).status == 403
    ada.browser.put(f"{BASE}/members/{guest.user_id}", json={"role": "editor"})
    assert guest.browser.post(f"{BASE}/workflow-drafts", json=draft).status == 201
    ada.browser.put(f"{BASE}/members/{guest.user_id}", json={"role": "viewer"})
    assert guest.browser.post(f"{BASE}/workflow-drafts", json=draft).status == 403


def _key_of(guest: Guest, client: Client) -> Client:
    return client.as_other({"Authorization": f"Bearer {guest.api_key}"})


def test_who_is_put_out_is_out_at_once(ada: Person, client: Client) -> None:
    guest = bring(ada, client, "editor")
    program = _key_of(guest, client)
    assert program.get(f"{BASE}/me").status == 200
    assert ada.browser.delete(f"{BASE}/members/{guest.user_id}").status == 204
    assert guest.browser.get(f"{BASE}/me").status == 401
    assert program.get(f"{BASE}/me").status == 401
    assert ada.browser.delete(f"{BASE}/members/{guest.user_id}").status == 404
    # They can still sign in, to a workspace of their own.
    proof = {"email": "grace@example.com", "password": PASSWORD}
    found = client.as_other().post(f"{BASE}/auth/login", json=proof)
    assert found.json()["workspace"]["role"] == "owner"
    assert found.json()["workspace"]["id"] != ada.workspace_id


def test_a_viewer_may_leave_and_put_nobody_out(ada: Person, client: Client) -> None:
    guest = bring(ada, client, "viewer")
    other = bring(ada, client, "viewer", "hedy@example.com")
    assert guest.browser.delete(f"{BASE}/members/{other.user_id}").status == 403
    assert guest.browser.delete(f"{BASE}/members/{guest.user_id}").status == 204
    actions = ada.program.get(f"{BASE}/audit-log?limit=3").json()["items"]
    assert "member.left" in {one["action"] for one in actions}


def test_a_workspace_is_renamed_by_administrators(ada: Person, client: Client) -> None:
    guest = bring(ada, client, "editor")
    assert guest.browser.put(f"{BASE}/workspace", json={"name": "Mine"}).status == 403
    answer = ada.browser.put(f"{BASE}/workspace", json={"name": "Accounting"})
    assert answer.json()["name"] == "Accounting"
    assert guest.browser.get(f"{BASE}/me").json()["workspace"]["name"] == "Accounting"


def test_nobody_enters_a_workspace_that_is_not_theirs(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    for wanted in (ada.workspace_id, "nothing"):
        answer = eve.browser.post(f"{BASE}/auth/workspace", json={"workspace_id": wanted})
        assert answer.status == 404
    assert eve.browser.get(f"{BASE}/me").json()["workspace"]["id"] == eve.workspace_id


def test_a_changed_password_signs_other_browsers_out(ada: Person, client: Client) -> None:
    other = client.as_other()
    proof = {"email": ada.email, "password": ada.password}
    assert other.post(f"{BASE}/auth/login", json=proof).status == 200
    assert other.get(f"{BASE}/me").status == 200
    wrong = {"current": "not it", "new": "a new long password"}
    answer = ada.browser.put(f"{BASE}/me/password", json=wrong)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/current")
    good = {"current": ada.password, "new": "a new long password"}
    assert ada.browser.put(f"{BASE}/me/password", json=good).status == 204
    assert ada.browser.get(f"{BASE}/me").status == 200
    assert other.get(f"{BASE}/me").status == 401
    assert client.as_other().post(f"{BASE}/auth/login", json=proof).status == 401
    proof["password"] = "a new long password"
    assert client.as_other().post(f"{BASE}/auth/login", json=proof).status == 200


def test_guessing_the_current_password_is_held_up(ada: Person) -> None:
    guess = {"current": "a guess of mine", "new": "a new long password"}
    answers = [ada.browser.put(f"{BASE}/me/password", json=guess).status for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_a_person_changes_their_name(ada: Person) -> None:
    answer = ada.browser.put(f"{BASE}/me", json={"name": "Ada King"})
    assert answer.json()["user"]["name"] == "Ada King"
    assert ada.browser.get(f"{BASE}/me").json()["user"]["name"] == "Ada King"


def test_the_doctor_is_for_the_instances_administrator(
    sign_up: Callable[..., Person],
) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    assert eve.browser.get(f"{BASE}/instance/doctor").status == 403
    assert eve.browser.get(f"{BASE}/instance").status == 200
    checks = {
        one["name"]: one for one in ada.browser.get(f"{BASE}/instance/doctor").json()["checks"]
    }
    assert checks["database"]["status"] == "ok"
    assert {"queue", "artifact store", "secret keys", "workers", "scheduler"} <= set(checks)
