"""Finding 15: nobody makes accounts without end, and nobody locks another one out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from functions.main import build_app, running
from functions.parts import Parts
from layers.clock import ManualClock
from layers.database import Database
from layers.errors import SetupError, TooManyRequests
from layers.identity.devices import VALID_S
from layers.identity.login_limits import (
    ACCOUNT,
    PAIR,
    PAIR_UNDER_ATTACK,
    LoginLimits,
    network_of,
)
from layers.identity.signup_limits import HOUR_S
from layers.settings import Settings, load_settings
from layers.settings.accounts import AccountSettings, SignUp
from tests.asgi_client import Answer, Client
from tests.http.people import token_of

A = "/api/v1/auth"
ME = {"email": "me@example.com", "password": "correct horse battery", "name": "Me"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def serve(
    make_parts: Callable[..., Parts], settings: Settings, clock: ManualClock
) -> Callable[..., Any]:
    @contextmanager
    def make(**accounts: Any) -> Iterator[Client]:
        changed = replace(settings, accounts=AccountSettings(**accounts))
        parts = make_parts(settings=changed, clock=clock)
        with Client(build_app(parts, lifespan=running(parts))) as client:
            yield client

    return make


def at(client: Client, address: str) -> Client:
    other = client.as_other()
    other.address = address
    return other


def sign_up(client: Client, number: int = 0, **more: Any) -> Answer:
    email = ME["email"] if not number else f"p{number}@example.com"
    return client.post(f"{A}/signup", json={**ME, "email": email, **more})


def log_in(client: Client, password: str = ME["password"], email: str = ME["email"]) -> Answer:
    return client.post(f"{A}/login", json={"email": email, "password": password})


def guess(client: Client, times: int) -> list[int]:
    return [log_in(client, f"wrong password {number}").status for number in range(times)]


def test_guesses_of_others_keep_nobody_out(serve: Callable[..., Any]) -> None:
    with serve() as client:
        mine = at(client, "192.0.2.1")
        assert sign_up(mine).status == 201
        attacker = at(client, "192.0.2.66")
        assert guess(attacker, 30) == [401] * PAIR.at_once + [429] * 20
        assert log_in(attacker).status == 429, "not even with the right one"
        assert log_in(mine).status == 200, "the browser that signed in before"
        assert log_in(at(client, "192.0.2.1")).status == 200, "its address, another browser"
        assert log_in(at(client, "198.51.100.9")).status == 200, "from anywhere else"


def test_guesses_from_the_same_address_keep_a_known_browser_in(serve: Callable[..., Any]) -> None:
    """As behind a proxy that tells nothing of whom it serves."""
    with serve() as client:
        mine = client.as_other()
        assert sign_up(mine).status == 201
        device = mine.cookies["treadle_device"]
        assert 429 in guess(client.as_other(), 200)
        mine.cookies = {"treadle_device": device}
        assert log_in(mine).status == 200


def test_an_unknown_browser_of_that_address_waits_for_seconds_only(
    serve: Callable[..., Any], clock: ManualClock
) -> None:
    with serve() as client:
        assert sign_up(client).status == 201
        attacker, mine = client.as_other(), client.as_other()
        guess(attacker, 40)
        stopped = log_in(mine)
        assert stopped.status == 429
        assert 1 <= int(stopped.headers["retry-after"]) <= PAIR.pause_s
        assert stopped.headers["content-type"] == "application/problem+json"
        clock.advance(int(stopped.headers["retry-after"]))
        assert log_in(mine).status == 200


def test_an_account_that_is_tried_from_everywhere_is_open_to_its_owner(
    database: Database, clock: ManualClock
) -> None:
    limits = LoginLimits(database, clock)
    admitted = 0
    for number in range(60):
        for _ in range(PAIR.at_once):
            try:
                limits.admit("me@example.com", f"192.0.2.{number}")
            except TooManyRequests:
                continue
            admitted += 1
    assert admitted < ACCOUNT.at_once + PAIR_UNDER_ATTACK.at_once * 60
    limits.admit("me@example.com", "203.0.113.5")
    limits.admit("me@example.com", "192.0.2.1", "a browser that signed in before")


def test_a_note_of_a_browser_is_good_for_its_account_until_the_password_changes(
    serve: Callable[..., Any], clock: ManualClock
) -> None:
    with serve() as client:
        mine, eve = client.as_other(), client.as_other()
        sign_up(mine)
        sign_up(eve, 1)

        def is_known(note: str) -> bool:
            guess(client.as_other(), 15)
            browser = client.as_other()
            browser.cookies = {"treadle_device": note}
            return log_in(browser).status == 200

        note = mine.cookies["treadle_device"]
        assert is_known(note)
        assert not is_known(eve.cookies["treadle_device"])
        name, issued, signature = note.split(".")
        for forged in (
            f"x{name}.{issued}.{signature}",
            f"{name}.{int(issued) + 1}.{signature}",
            f"{name}.{issued}.{'0' * len(signature)}",
            f"{name}.{issued}",
            "..",
        ):
            assert not is_known(forged), forged
        mine.headers["X-CSRF-Token"] = mine.cookies["treadle_csrf"]
        changed = {"current": ME["password"], "new": "another horse battery"}
        assert mine.put("/api/v1/me/password", json=changed).status == 204
        assert not is_known(note)
        clock.advance(VALID_S)


def test_a_note_ends_after_half_a_year(serve: Callable[..., Any], clock: ManualClock) -> None:
    with serve() as client:
        mine = client.as_other()
        sign_up(mine)
        note = mine.cookies["treadle_device"]
        clock.advance(VALID_S + 1)
        guess(client.as_other(), 15)
        mine.cookies = {"treadle_device": note}
        assert log_in(mine).status == 429


def test_the_note_is_hidden_from_scripts_and_goes_only_where_it_is_needed(
    serve: Callable[..., Any],
) -> None:
    with serve() as client:
        morsel = sign_up(client).cookies["treadle_device"]
        assert morsel["httponly"]
        assert morsel["path"] == "/api/v1/auth"
        assert morsel["samesite"] == "lax"


def test_whether_an_account_exists_is_not_told(serve: Callable[..., Any]) -> None:
    with serve() as client:
        sign_up(client)
        told = []
        for number, email in enumerate((ME["email"], "nobody@example.com")):
            browser = at(client, f"192.0.2.{number}")
            answers = [log_in(browser, "wrong password", email) for _ in range(12)]
            told.append([(one.status, one.body) for one in answers])
        assert told[0] == told[1]


def test_sign_ups_of_one_address_are_bounded(serve: Callable[..., Any], clock: ManualClock) -> None:
    with serve(per_address=3) as client:
        first = at(client, "192.0.2.1")
        statuses = [sign_up(first, number).status for number in range(1, 6)]
        assert statuses == [201, 201, 201, 429, 429]
        stopped = sign_up(first, 9)
        assert 1 <= int(stopped.headers["retry-after"]) <= HOUR_S / 3
        # What fails is counted, too: it costs as much, and tells who has an account.
        assert sign_up(at(client, "192.0.2.2"), 6).status == 201
        clock.advance(HOUR_S / 3)
        assert sign_up(first, 9).status == 201
        six = [at(client, f"2001:db8::{n}") for n in range(1, 5)]
        assert [sign_up(one, 10 + n).status for n, one in enumerate(six)] == [201] * 3 + [429]


def test_sign_ups_are_bounded_in_all(serve: Callable[..., Any], clock: ManualClock) -> None:
    with serve(in_all=3) as client:
        answers = [sign_up(at(client, f"192.0.2.{n}"), n).status for n in range(1, 6)]
        assert answers == [201, 201, 201, 429, 429]
        clock.advance(HOUR_S / 3)
        assert sign_up(at(client, "192.0.2.77"), 77).status == 201


def test_asking_who_has_an_account_is_bounded(serve: Callable[..., Any]) -> None:
    with serve(per_address=4) as client:
        assert [sign_up(client).status for _ in range(6)] == [201, 409, 409, 409, 429, 429]


@pytest.mark.parametrize("mode", [SignUp.INVITED, SignUp.CLOSED])
def test_an_instance_that_takes_no_strangers(serve: Callable[..., Any], mode: SignUp) -> None:
    with serve(sign_up=mode) as client:
        host = client.as_other()
        assert sign_up(host).status == 201, "somebody has to administer it"
        refused = sign_up(client.as_other(), 1)
        assert refused.status == 403
        assert refused.json()["detail"]
        host.headers["X-CSRF-Token"] = host.cookies["treadle_csrf"]
        wish = {"email": "p2@example.com", "role": "viewer"}
        invitation = token_of(host.post("/api/v1/invitations", json=wish).json())
        invited = sign_up(client.as_other(), 2, invitation=invitation)
        assert invited.status == (201 if mode is SignUp.INVITED else 403)
        made_up = sign_up(client.as_other(), 3, invitation="x" * 43)
        assert made_up.status == (404 if mode is SignUp.INVITED else 403)


def test_several_processes_count_together_and_rows_are_let_go_of(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    other = Database(database_url)
    both = [LoginLimits(database, clock), LoginLimits(other, clock)]

    def attempt(number: int) -> bool:
        try:
            both[number % 2].admit("me@example.com", "192.0.2.1")
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(3 * PAIR.at_once))) == PAIR.at_once
    for number in range(50):
        both[0].admit(f"p{number}@example.com", f"198.51.100.{number}")
    clock.advance(1000)
    both[1].admit("me@example.com", "192.0.2.1")
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM throttles")).scalar_one() == 3
    other.close()


def test_addresses_are_compared_as_far_as_they_tell_people_apart() -> None:
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("unknown") == "unknown"


def test_the_settings() -> None:
    given = {
        "TREADLE_SIGNUP": "Invited",
        "TREADLE_SIGNUPS_PER_ADDRESS": "5",
        "TREADLE_SIGNUPS": "0",
    }
    assert load_settings(given).accounts == AccountSettings(SignUp.INVITED, 5, 0)
    for name in given:
        with pytest.raises(SetupError, match=name):
            load_settings({name: "perhaps"})
