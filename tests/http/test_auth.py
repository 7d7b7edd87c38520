"""Signing up, in and out; sessions, forgery, guessing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.clock import ManualClock
from layers.identity.login_limits import PAIR
from layers.identity.sessions import ABSOLUTE_S, IDLE_S
from layers.settings import Settings
from tests.asgi_client import Answer, Client
from tests.conftest import Person

A = "/api/v1/auth"
NEW = {"email": "new@example.com", "password": "correct horse battery", "name": "New"}


def log_in(client: Client, email: str, password: str) -> Answer:
    return client.post(f"{A}/login", json={"email": email, "password": password})


def test_signing_up_gives_user_workspace_key_and_session(client: Client) -> None:
    answer = client.post(f"{A}/signup", json=NEW)
    assert answer.status == 201
    found = answer.json()
    assert found["user"]["email"] == "new@example.com"
    assert found["workspace"]["role"] == "owner"
    assert found["api_key"].startswith("tdl_")
    assert client.get("/api/v1/me").json()["via"] == "session"
    program = client.as_other({"Authorization": f"Bearer {found['api_key']}"})
    me = program.get("/api/v1/me").json()
    assert me["via"] == "api_key"
    assert me["csrf_token"] is None
    assert me["workspace"]["id"] == found["workspace"]["id"]


def test_the_session_cookie_is_hidden_from_scripts_and_the_other_is_not(ada: Person) -> None:
    cookies = ada.signed_up.cookies
    assert cookies["treadle_session"]["httponly"]
    assert cookies["treadle_session"]["samesite"] == "lax"
    assert not cookies["treadle_session"]["secure"]
    assert not cookies["treadle_csrf"]["httponly"]
    assert cookies["treadle_csrf"].value == ada.csrf_token
    priorities = [one.endswith("; Priority=High") for one in ada.signed_up.every("set-cookie")]
    # The note of a known browser may go before them.
    assert priorities.count(True) == 2
    assert cookies["treadle_device"]["path"] == "/api/v1/auth"


def test_cookies_are_for_https_only_where_the_instance_is(
    make_parts: Callable[..., Parts], settings: Settings
) -> None:
    server = replace(settings.server, public_url="https://treadle.example.com")
    parts = make_parts(settings=replace(settings, server=server))
    with Client(build_app(parts, lifespan=running(parts))) as client:
        answer = client.post(f"{A}/signup", json=NEW)
    assert answer.cookies["treadle_session"]["secure"]
    assert "strict-transport-security" in answer.headers


def test_only_the_first_one_administers_the_instance(sign_up: Callable[..., Person]) -> None:
    first, second = sign_up(), sign_up()
    assert first.signed_up.json()["user"]["is_administrator"] is True
    assert second.signed_up.json()["user"]["is_administrator"] is False


def test_an_address_is_taken_once_however_it_is_written(client: Client) -> None:
    assert client.post(f"{A}/signup", json=NEW).status == 201
    answer = client.post(f"{A}/signup", json={**NEW, "email": "NEW@Example.com"})
    assert answer.status == 409
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a b@c"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"password": "x" * 201}, "/password"),
        ({"name": " "}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": None}, "/name"),
    ],
)
def test_a_mistake_in_signing_up_is_pointed_at(
    client: Client, changed: dict[str, object], pointer: str
) -> None:
    answer = client.post(f"{A}/signup", json={**NEW, **changed})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_signing_in_begins_another_session(ada: Person, client: Client) -> None:
    browser = client.as_other()
    answer = log_in(browser, ada.email.upper(), ada.password)
    assert answer.status == 200
    assert browser.cookies["treadle_session"] != ada.browser.cookies["treadle_session"]
    assert browser.get("/api/v1/me").status == 200


def test_signing_in_again_ends_the_browsers_former_session(ada: Person, client: Client) -> None:
    former = client.as_other()
    former.cookies = dict(ada.browser.cookies)
    assert former.get("/api/v1/me").status == 200
    assert log_in(ada.browser, ada.email, ada.password).status == 200
    assert former.get("/api/v1/me").status == 401


def test_a_wrong_password_and_an_unknown_address_answer_alike(ada: Person, client: Client) -> None:
    wrong = log_in(client, ada.email, "not the password")
    unknown = log_in(client, "unknown@example.com", "not the password")
    assert wrong.status == unknown.status == 401
    assert wrong.json() == unknown.json()
    assert not client.cookies


def test_signing_out_ends_the_session_on_the_server(ada: Person, client: Client) -> None:
    kept = dict(ada.browser.cookies)
    assert ada.browser.post(f"{A}/logout").status == 204
    assert "treadle_session" not in ada.browser.cookies
    other = client.as_other()
    other.cookies = kept
    assert other.get("/api/v1/me").status == 401
    assert ada.program.get("/api/v1/me").status == 200


def test_guessing_a_password_is_stopped_and_goes_on_later(
    make_parts: Callable[..., Parts],
) -> None:
    clock = ManualClock()
    parts = make_parts(clock=clock)
    with Client(build_app(parts, lifespan=running(parts))) as client:
        assert client.post(f"{A}/signup", json=NEW).status == 201
        client.cookies.clear()
        for _ in range(PAIR.at_once):
            assert log_in(client, NEW["email"], "not the password").status == 401
        stopped = log_in(client, NEW["email"], NEW["password"])
        assert stopped.status == 429
        assert 0 < int(stopped.headers["retry-after"]) <= PAIR.pause_s
        clock.advance(PAIR.pause_s)
        assert log_in(client, NEW["email"], NEW["password"]).status == 200


def test_what_cannot_be_counted_is_not_tried(ada: Person, client: Client, parts: Parts) -> None:
    with parts.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE throttles")
    assert log_in(client, ada.email, ada.password).status == 500


def test_a_session_ends_when_it_is_idle_and_in_any_case_after_a_month(
    make_parts: Callable[..., Parts],
) -> None:
    clock = ManualClock()
    parts = make_parts(clock=clock)
    app = build_app(parts, lifespan=running(parts))

    def still_signed_in() -> bool:
        app.state.authenticator._remembered.clear()
        return client.get("/api/v1/me").status == 200

    with Client(app) as client:
        client.post(f"{A}/signup", json=NEW)
        lived = 0.0
        while lived + IDLE_S / 2 < ABSOLUTE_S:
            clock.advance(IDLE_S / 2)
            lived += IDLE_S / 2
            assert still_signed_in()
        clock.advance(ABSOLUTE_S - lived)
        assert not still_signed_in()
        client.cookies.clear()
        log_in(client, NEW["email"], NEW["password"])
        clock.advance(IDLE_S)
        assert not still_signed_in()


def test_an_unsafe_request_with_a_cookie_needs_the_token(ada: Person) -> None:
    body = {"name": "x", "value": 1}
    del ada.browser.headers["X-CSRF-Token"]
    assert ada.browser.post("/api/v1/variables", json=body).status == 403
    for wrong in ("", "wrong", "wröng"):
        sent = {"X-CSRF-Token": wrong}
        assert ada.browser.post("/api/v1/variables", json=body, headers=sent).status == 403
    right = {"X-CSRF-Token": ada.csrf_token}
    assert ada.browser.post("/api/v1/variables", json=body, headers=right).status == 201


def test_another_users_token_is_no_token(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up(), sign_up()
    sent = {"X-CSRF-Token": eve.csrf_token}
    answer = ada.browser.post("/api/v1/variables", json={"name": "x", "value": 1}, headers=sent)
    assert answer.status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://127.0.0.1:8700"}, 201),
        ({"Origin": "http://localhost:9", "Host": "localhost:9"}, 201),
    ],
)
def test_pages_of_other_sites_are_refused(
    ada: Person, headers: dict[str, str], status: int
) -> None:
    body = {"name": "x", "value": 1}
    assert ada.browser.post("/api/v1/variables", json=body, headers=headers).status == status
    wanted = {201: 200}.get(status, status)
    sent = {"email": ada.email, "password": ada.password}
    assert ada.browser.post(f"{A}/login", json=sent, headers=headers).status == wanted


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Basic abc", "tdl_x", "Bearer tdl_" + "0" * 49]
)
def test_a_bad_key_is_refused_even_beside_a_good_cookie(ada: Person, authorization: str) -> None:
    answer = ada.browser.get("/api/v1/me", headers={"Authorization": authorization})
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
