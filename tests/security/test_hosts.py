"""Finding 12: a page that points a name of its own at an instance is not taken for its app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from functions.targets import function_app
from layers.errors import SetupError
from layers.registry import installed
from layers.settings import Settings, load_settings
from local_emulator.parts.gateway import advice_on_names
from tests.asgi_client import Answer, Client
from tests.conftest import Person


@pytest.fixture
def database_kind() -> str:
    """Names have nothing to do with databases: one kind will do."""
    return "sqlite"


A = "/api/v1/auth"
NEW = {"email": "new@example.com", "password": "correct horse battery", "name": "New"}
HERE = ["127.0.0.1", "localhost", "[::1]", "LOCALHOST", "127.8.9.1", "treadle.localhost"]
OTHERS = [
    "evil.example",
    "evil.example:8700",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "192.168.1.5:8700",
    "127.0.0.1:8700@evil.example",
    "[::2]:8700",
    "127.0.0.1:x",
    "0.0.0.0:8700",
    "",
]


def by(client: Client, host: str, **headers: str) -> Answer:
    return client.as_other().post(f"{A}/signup", json=NEW, headers={"Host": host, **headers})


@pytest.mark.parametrize("host", OTHERS)
def test_a_rebound_name_makes_no_account(client: Client, host: str) -> None:
    """Not even with the origin that a browser sends then: the same name."""
    for headers in ({}, {"Origin": f"http://{host}"}, {"Sec-Fetch-Site": "same-origin"}):
        answer = by(client, host, **headers)
        assert answer.status == 421, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "TREADLE_PUBLIC_URL" in answer.json()["detail"]
        assert "set-cookie" not in answer.headers
    for path in ("/", "/login", "/api/v1/node-types", "/api/v1/openapi.json"):
        assert client.as_other().get(path, headers={"Host": host}).status == 421
    assert by(client, "127.0.0.1:8700").status == 201, "the first account is still to be made"


@pytest.mark.parametrize("host", HERE)
@pytest.mark.parametrize("port", ["", ":5173"])
def test_this_machine_works_without_any_setting(client: Client, host: str, port: str) -> None:
    """At any port, as with ``treadle up --port 0``, and in front of it Vite's."""
    origin = f"http://{host}{port}".lower()
    assert by(client, host + port, Origin=origin).status == 201


def test_another_page_of_this_machine_is_another_site(client: Client) -> None:
    for origin in ("http://127.0.0.1:9999", "http://localhost:8700", "https://127.0.0.1:8700"):
        assert by(client, "127.0.0.1:8700", Origin=origin).status == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/hooks/x", "/callbacks/a/b"])
def test_load_balancers_and_senders_come_by_any_name(client: Client, path: str) -> None:
    answer = client.as_other().get(path, headers={"Host": "10.0.0.7:8700"})
    assert answer.status != 421, answer.text


def test_an_instance_with_an_address_answers_to_it(
    make_parts: Callable[..., Parts], settings: Settings
) -> None:
    server = replace(
        settings.server,
        public_url="https://treadle.example.com",
        allowed_hosts=("treadle-gateway",),
    )
    parts = make_parts(settings=replace(settings, server=server))
    with Client(build_app(parts, lifespan=running(parts))) as client:
        ours = "https://treadle.example.com"
        assert by(client, "treadle.example.com", Origin=ours).status == 201
        assert by(client, "treadle.example.com:443", Origin=ours).status == 409
        assert by(client, "treadle-gateway:8700").status == 409
        # Behind a proxy that ends TLS and says nothing of it, or that puts its own name.
        assert by(client, "127.0.0.1:8700", Origin=ours).status == 409
        assert by(client, "treadle.example.com", Origin="http://127.0.0.1:8700").status == 403
        assert by(client, "treadle.example.com", Origin="https://evil.example").status == 403
        assert by(client, "evil.example", Origin=ours).status == 421


def test_several_hosts_are_none(client: Client) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            twice = [*scope["headers"], (b"host", b"127.0.0.1")]
            scope = {**scope, "headers": twice}
        await client.app(scope, receive, send)

    twice = client.as_other()
    twice.app = app
    assert twice.get("/api/v1/me").status == 400


def test_people_sign_in_as_before(ada: Person) -> None:
    sent = {"email": ada.email, "password": ada.password}
    headers = {"Origin": "http://127.0.0.1:8700"}
    assert ada.browser.post(f"{A}/login", json=sent, headers=headers).status == 200


def test_a_function_that_is_served_alone_is_not_reached_by_a_page(settings: Settings) -> None:
    """It asks nobody to sign in."""
    client = Client(function_app("node.no_op", installed(), settings))
    with client:
        call = {"items": [{"a": 1}]}
        assert client.post("/", json=call, headers={"Host": "evil.example"}).status == 421
        assert client.post("/", json=call).status == 200


@pytest.mark.parametrize(
    ("host", "public_url", "told"),
    [
        ("0.0.0.0", None, True),
        ("0.0.0.0", "http://192.168.1.5:8700", False),
        ("127.0.0.1", None, False),
        ("::1", None, False),
    ],
    ids=["lan-without", "lan-with", "loopback", "loopback-6"],
)
def test_whoever_opens_the_port_is_told_what_to_set(
    host: str, public_url: str | None, told: bool
) -> None:
    environment = {"TREADLE_HOST": host, "TREADLE_SECRET_KEYS": "k"}
    if public_url:
        environment["TREADLE_PUBLIC_URL"] = public_url
    advice = advice_on_names(load_settings(environment).server)
    assert ("TREADLE_PUBLIC_URL" in advice) is told


@pytest.mark.parametrize("wrong", ["https://a.example", "a.example:80", "*.example", "a b"])
def test_further_names_are_names(wrong: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_ALLOWED_HOSTS"):
        load_settings({"TREADLE_ALLOWED_HOSTS": wrong})
    names = load_settings({"TREADLE_ALLOWED_HOSTS": "Treadle, [fd00::5]"}).server.allowed_hosts
    assert names == ("treadle", "fd00::5")
