"""Cookies that webhooks set, where they have a host of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.parts import Parts
from layers.settings import Settings
from tests.conftest import Person
from tests.http.hooking import Hooked, responding

HOOKS_HOST = {"host": "hooks.example"}
RESPOND = {"id": "r", "type": "respond"}


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings) -> Parts:
    """Parts of an instance whose webhooks have a host of their own."""
    server = replace(settings.server, own_hooks_url="http://hooks.example")
    return make_parts(settings=replace(settings, server=server))


def test_an_old_address_on_the_apps_host_sets_no_cookies(ada: Person) -> None:
    hook = responding(ada, headers={"Set-Cookie": "tx=abc"})
    assert hook.call().every("set-cookie") == []
    assert len(hook.call(headers=HOOKS_HOST).every("set-cookie")) == 1


def test_cookies_are_sent_each_by_itself_below_the_webhooks_path(ada: Person) -> None:
    cookies = ["tx=abc; Max-Age=600; HttpOnly; Secure", "b={{ 1 + 1 }}; SameSite=Lax"]
    hook = responding(
        ada,
        status=302,
        headers={"Location": "https://app.example/", "Set-Cookie": cookies},
        body="",
    )
    answer = hook.call(headers=HOOKS_HOST)
    assert (answer.status, answer.headers["location"]) == (302, "https://app.example/")
    assert answer.every("set-cookie") == [
        f"tx=abc; Path=/hooks/{hook.path}; Max-Age=600; HttpOnly; Secure",
        f"b=2; Path=/hooks/{hook.path}; SameSite=Lax",
    ]


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ("", "/hooks/login"),
        ("; Path=/hooks/login/back", "/hooks/login/back"),
        ("; Path=/hooks/other", "/hooks/login"),
        ("; Path=/hooks/loginx", "/hooks/login"),
    ],
)
def test_a_cookie_keeps_to_the_first_part_of_the_webhooks_path(
    ada: Person, wish: str, path: str
) -> None:
    respond = {**RESPOND, "params": {"headers": {"Set-Cookie": f"a=1{wish}"}}}
    answer = Hooked(ada, respond, path="login/start").call(headers=HOOKS_HOST)
    assert answer.every("set-cookie") == [f"a=1; Path={path}"]


def test_a_computed_name_of_the_products_own_is_an_error_of_the_step(ada: Person) -> None:
    hook = responding(ada, headers={"Set-Cookie": "{{ 'treadle_csrf' }}=1"})
    assert hook.call(headers=HOOKS_HOST).status == 500
