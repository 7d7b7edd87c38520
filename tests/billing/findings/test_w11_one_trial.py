"""W11: one trial for each person, company and card, and who has none is told before."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from billing.accounts.trials import domain_of
from layers.settings.billing import BUILT_IN_PLANS
from tests.billing.findings.test_w2_one_subscription import paid
from tests.billing.shop import Shop
from tests.conftest import Person

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def plans_file(tmp_path: Path) -> Path:
    """Plans with their trials."""
    path = tmp_path / "plans.json"
    path.write_text(BUILT_IN_PLANS.read_text())
    return path


def other_workspace(shop: Shop, person: Person) -> Shop:
    """Another workspace of the same person."""
    made = person.browser.post("/api/v1/workspaces", json={"name": "Second"}).json()
    workspace_id = made.get("id") or made["workspace"]["id"]
    answer = person.browser.post("/api/v1/auth/workspace", json={"workspace_id": workspace_id})
    assert answer.status < 300, answer.text
    person.browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    made = person.browser.post("/api/v1/api-keys", json={"name": "k"})
    assert made.status == 201, made.text
    program = shop.client.as_other({"Authorization": f"Bearer {made.json()['api_key']}"})
    return replace(shop, person=replace(person, workspace_id=workspace_id, program=program))


def shop_of(shop: Shop, person: Person) -> Shop:
    return replace(shop, person=person)


def rename(shop: Shop, person: Person, email: str) -> None:
    """Give somebody another address."""
    with shop.parts.database.writing() as connection:
        values = {"email": email, "id": person.user_id}
        connection.execute(text("UPDATE users SET email = :email WHERE id = :id"), values)


def pay_with(shop: Shop, card: str) -> Any:
    """Go through Checkout with a card."""
    import requests

    session = shop.call("POST", "/billing/checkout", {"plan": "pro"})
    requests.post(session["url"], data={"card": card}, allow_redirects=False, timeout=60)
    shop.deliver()
    return shop.subscription()


def test_a_person_has_one(shop: Shop) -> None:
    assert shop.subscription()["may_try"] is True
    assert shop.subscribe("pro")["status"] == "trialing"
    assert shop.subscription()["may_try"] is False
    second = other_workspace(shop, shop.person)
    assert second.subscription()["may_try"] is False
    assert second.subscribe("pro")["status"] == "active"
    assert paid(shop) == 2000


def test_a_company_has_one_and_a_provider_of_mail_does_not_count(
    shop: Shop, sign_up: Callable[..., Person]
) -> None:
    rename(shop, shop.person, "ada@mail.acme.co.uk")
    shop.subscribe("pro")
    colleague, stranger = sign_up("Bob"), sign_up("Eve")
    rename(shop, colleague, "bob@acme.co.uk")
    rename(shop, stranger, "eve@gmail.com")
    assert shop_of(shop, colleague).subscription()["may_try"] is False
    assert shop_of(shop, stranger).subscription()["may_try"] is True
    assert pay_with(shop_of(shop, stranger), "pm_card_mastercard")["status"] == "trialing"


def test_a_card_has_one_and_the_second_is_paid_at_once(
    shop: Shop, sign_up: Callable[..., Person]
) -> None:
    rename(shop, shop.person, "ada@one.test")
    assert shop.subscribe("pro")["status"] == "trialing"
    other = sign_up("Bob")
    rename(shop, other, "bob@two.test")
    theirs = shop_of(shop, other)
    assert theirs.subscription()["may_try"] is True
    assert theirs.subscribe("pro")["status"] == "active"
    assert paid(shop) == 2000


def test_a_workspace_that_was_deleted_had_it_all_the_same(shop: Shop) -> None:
    shop.subscribe("pro")
    second = other_workspace(shop, shop.person)
    with shop.parts.database.writing() as connection:
        values = {"id": shop.person.workspace_id}
        connection.execute(text("DELETE FROM billing_accounts WHERE workspace_id = :id"), values)
    assert second.subscription()["may_try"] is False


def test_the_administrator_grants_another_once(shop: Shop) -> None:
    shop.subscribe("pro")
    second = other_workspace(shop, shop.person)
    wish = {
        "workspace_id": second.person.workspace_id,
        "name": "another_trial",
        "value": True,
        "reason": "They asked.",
    }
    shop.call("POST", "/instance/overrides", wish, 201)
    assert second.subscription()["may_try"] is True
    assert "another_trial" not in second.subscription()["features"]
    assert second.subscribe("pro")["status"] == "trialing"
    assert shop.call("GET", "/instance/overrides")["items"] == []
    assert paid(shop) == 0


def test_nobody_can_read_who_it_was(shop: Shop) -> None:
    shop.subscribe("pro")
    rows = json.dumps([tuple(one) for one in shop.rows("SELECT * FROM trials_taken")])
    assert shop.person.user_id not in rows
    assert shop.person.email.rpartition("@")[2] not in rows


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("a@acme.com", "acme.com"),
        ("a@sales.acme.co.uk", "acme.co.uk"),
        ("a@gmail.com", None),
        ("a@web.de", None),
    ],
)
def test_which_domain_counts(shop: Shop, email: str, domain: str | None) -> None:
    assert domain_of(email) == domain
