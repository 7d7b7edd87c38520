"""Several people in one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.asgi_client import Client
from tests.conftest import Person

BASE = "/api/v1"
PASSWORD = "correct horse battery"


@dataclass
class Guest:
    """Somebody who joined a workspace on an invitation, with their browser."""

    user_id: str
    browser: Client
    api_key: str


def token_of(invitation: dict[str, Any]) -> str:
    """What stands behind the '#' of an invitation's address."""
    address, _, token = invitation["url"].partition("#")
    assert address.endswith("/join"), address
    return str(token)


def invite(host: Person, email: str, role: str) -> str:
    """Invite somebody; returns the token."""
    answer = host.program.post(f"{BASE}/invitations", json={"email": email, "role": role})
    assert answer.status == 201, answer.text
    return token_of(answer.json())


def bring(host: Person, client: Client, role: str, email: str = "grace@example.com") -> Guest:
    """Have somebody sign up on an invitation of this host."""
    browser = client.as_other()
    body = {"email": email, "password": PASSWORD, "name": "Grace"}
    answer = browser.post(
        f"{BASE}/auth/signup", json={**body, "invitation": invite(host, email, role)}
    )
    assert answer.status == 201, answer.text
    found = answer.json()
    assert found["workspace"]["id"] == host.workspace_id
    browser.headers["X-CSRF-Token"] = found["csrf_token"]
    return Guest(found["user"]["id"], browser, found["api_key"])
