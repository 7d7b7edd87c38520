"""However people join, and however many at once: a workspace gets no more members than it may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from layers.database.repositories.members import Members
from layers.errors import LimitReached
from tests.billing.shop import Shop
from tests.http.people import PASSWORD, invite

GUESTS = 6


@pytest.fixture
def tokens(shop: Shop) -> list[str]:
    """Invitations that were made while there was room for all, of a plan that has ended."""
    shop.subscribe("team")
    made = [invite(shop.person, f"guest{n}@example.com", "viewer") for n in range(GUESTS)]
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    assert shop.subscription()["plan"] == "free"
    return made


def members(shop: Shop) -> int:
    with shop.parts.database.read() as session:
        return len(Members(session, shop.person.workspace_id).all())


def test_all_at_once_by_signing_up(shop: Shop, tokens: list[str]) -> None:
    accounts: Any = shop.client.app.state.accounts

    def join(number: int) -> bool:
        try:
            accounts.sign_up(f"guest{number}@example.com", PASSWORD, "Guest", tokens[number])
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(GUESTS) as pool:
        joined = list(pool.map(join, range(GUESTS)))
    assert sum(joined) == 1
    assert members(shop) == 2


def test_who_does_not_fit_gets_no_account(shop: Shop, tokens: list[str]) -> None:
    answers = [
        shop.client.as_other().post(
            "/api/v1/auth/signup",
            json={
                "email": f"guest{number}@example.com",
                "password": PASSWORD,
                "name": "Guest",
                "invitation": tokens[number],
            },
        )
        for number in range(2)
    ]
    assert [answer.status for answer in answers] == [201, 402]
    assert answers[1].json()["meter"] == "members"
    again = shop.client.as_other().post(
        "/api/v1/auth/signup",
        json={"email": "guest1@example.com", "password": PASSWORD, "name": "Guest"},
    )
    assert again.status == 201, again.text
