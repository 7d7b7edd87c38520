"""A credential is connected by OAuth, renewed while it is used, and ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import text

from functions.main import build_app, running
from functions.parts import Parts
from layers.clock import ManualClock
from layers.contract import BEARER, NodeError
from layers.settings import OAuthClient, OAuthSettings, Settings
from local_emulator.providers.openid import OpenIdProvider
from tests.asgi_client import Answer, Client
from tests.conftest import Person
from tests.oauth.provider import serving
from tests.waiting import PATIENCE_S

BASE = "/api/v1"
CREDENTIALS = f"{BASE}/credentials"


@pytest.fixture
def provider() -> OpenIdProvider:
    return OpenIdProvider()


@pytest.fixture
def provider_url(provider: OpenIdProvider) -> Iterator[str]:
    with serving(provider) as url:
        yield url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def parts(
    make_parts: Callable[..., Parts], settings: Settings, provider_url: str, clock: ManualClock
) -> Parts:
    network = replace(settings.network, allow_private=("127.0.0.1",))
    client = OAuthClient("treadle", "the client's secret")
    oauth = OAuthSettings(client, provider_url, client, provider_url)
    return make_parts(settings=replace(settings, network=network, oauth=oauth), clock=clock)


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


def kinds(url: str) -> dict[str, dict[str, Any]]:
    """A credential of each type that is connected so; two use the instance's client."""
    generic = {
        "authorization_url": f"{url}/authorize",
        "token_url": f"{url}/token",
        "client_id": "treadle",
        "client_secret": "the client's secret",
        "scopes": "mail.read",
    }
    return {
        "google": {"type": "google_oauth2", "data": {"scopes": "mail.read"}},
        "microsoft": {"type": "microsoft_oauth2", "data": {"scopes": "mail.read"}},
        "generic": {"type": "oauth2", "data": generic},
    }


def make(person: Person, url: str, kind: str = "generic", **data: str) -> dict[str, Any]:
    given = kinds(url)[kind]
    # Its token belongs to the provider's own hosts; here that is this machine.
    hosts = ["127.0.0.1"]
    body = {"name": "Mail", **given, "data": {**given["data"], **data}, "allowed_hosts": hosts}
    answer = person.browser.post(CREDENTIALS, json=body)
    assert answer.status == 201, answer.text
    return dict(answer.json())


def start(person: Person, credential_id: str, kind: str = "generic") -> str:
    """Begin to connect; returns the provider's address."""
    path = f"{CREDENTIALS}/oauth/{kind}/start?credential_id={credential_id}"
    answer = person.browser.get(path)
    assert answer.status == 307, answer.text
    return answer.headers["location"]


def decide(address: str, answer: str = "allow") -> str:
    """Answer the provider's page as a person does; returns where it sends the browser."""
    asked = requests.get(address, timeout=PATIENCE_S)
    assert asked.status_code == 200, asked.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    decided = requests.get(
        address.replace("/authorize", "/decide").partition("?")[0],
        params={**query, "answer": answer},
        allow_redirects=False,
        timeout=PATIENCE_S,
    )
    return str(decided.headers["location"])


def come_back(person: Person, location: str) -> Answer:
    parts = urlsplit(location)
    return person.browser.get(f"{parts.path}?{parts.query}")


def connect(person: Person, credential: dict[str, Any], kind: str = "generic") -> dict[str, Any]:
    answer = come_back(person, decide(start(person, credential["id"], kind)))
    assert "Connected" in answer.text, answer.text
    return shown(person, credential["id"])


def shown(person: Person, credential_id: str) -> dict[str, Any]:
    return dict(person.browser.get(f"{CREDENTIALS}/{credential_id}").json())


def token_of(parts: Parts, person: Person, credential_id: str) -> str:
    credentials = parts.engine.services.credentials
    return str(asyncio.run(credentials.load(person.workspace_id, credential_id))["token"])


def is_good(url: str, token: str) -> bool:
    answer = requests.get(
        f"{url}/mail", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S
    )
    return answer.status_code == 200


@pytest.mark.parametrize("kind", ["google", "microsoft", "generic"])
def test_a_credential_is_connected_and_used(
    ada: Person, parts: Parts, provider_url: str, kind: str
) -> None:
    made = make(ada, provider_url, kind)
    assert made["oauth"]["state"] == "not_connected"
    public = parts.settings.server.public_url
    assert made["oauth"]["redirect_url"] == f"{public}{CREDENTIALS}/oauth/{kind}/callback"
    found = connect(ada, made, kind)
    assert found["oauth"]["state"] == "connected"
    assert found["oauth"]["account"] == "ada@example.com"
    assert found["oauth"]["scopes"] == "mail.read"
    assert found["oauth"]["is_renewable"] is True
    workflow = {
        "name": "w",
        "nodes": [
            {"id": "a", "type": "manual"},
            {
                "id": "mail",
                "type": "http_request",
                "params": {"method": "GET", "url": f"{provider_url}/mail"},
                "credential_id": made["id"],
            },
        ],
        "connections": [{"from": "a", "to": "mail"}],
    }
    workflow_id = ada.program.post(f"{BASE}/workflows", json=workflow).json()["id"]
    run = ada.program.post(f"{BASE}/workflows/{workflow_id}/run", json={"wait": 120})
    assert run.json()["status"] == "succeeded", run.text
    assert '"Hello"' in run.text
    uses = ada.program.get(f"{CREDENTIALS}/{made['id']}/uses").json()["items"]
    assert uses == [{"workflow_id": workflow_id, "workflow_name": "w"}]


def test_a_test_says_whether_it_is_connected(
    ada: Person, provider: OpenIdProvider, provider_url: str, clock: ManualClock
) -> None:
    made = make(ada, provider_url)
    path = f"{CREDENTIALS}/{made['id']}/test"
    before = ada.browser.post(path).json()
    assert before["ok"] is False
    assert "not connected yet" in before["message"]
    connect(ada, made)
    assert ada.browser.post(path).json()["ok"] is True
    provider.end_all()
    clock.advance(4000)
    after = ada.browser.post(path).json()
    assert after["ok"] is False
    assert "connected again" in after["message"]


@pytest.mark.parametrize("kind", ["google", "microsoft"])
def test_a_test_asks_who_it_is_connected_as(
    ada: Person, provider: OpenIdProvider, provider_url: str, kind: str
) -> None:
    made = make(ada, provider_url, kind)
    connect(ada, made, kind)
    path = f"{CREDENTIALS}/{made['id']}/test"
    good = ada.browser.post(path).json()
    assert good == {"ok": True, "message": "127.0.0.1 accepts it: it answered 200."}
    # Its token is still within its time: only asking shows that it has been withdrawn.
    provider.end_all()
    bad = ada.browser.post(path).json()
    assert bad == {"ok": False, "message": "127.0.0.1 refused it: it answered 401."}


def test_no_secret_is_shown_or_stands_in_the_database(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    secrets = [*provider.access, *provider.renewal, provider.client_secret]
    with parts.database.reading() as connection:
        tables = ("credentials", "oauth_attempts", "audit_log")
        rows = [str(connection.execute(text(f"SELECT * FROM {one}")).all()) for one in tables]
    texts = [json.dumps(shown(ada, made["id"])), *rows]
    assert not [secret for secret in secrets for one in texts if secret in one]
    assert shown(ada, made["id"])["secrets"] == {"client_secret": True}


def test_the_browser_is_told_and_nothing_of_it_runs_elsewhere(
    ada: Person, provider: OpenIdProvider, provider_url: str
) -> None:
    provider.email = "</script><script>alert(1)</script>@example.com"
    made = make(ada, provider_url)
    answer = come_back(ada, decide(start(ada, made["id"])))
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'nonce-" in policy
    assert "BroadcastChannel('treadle-oauth')" in answer.text


def test_who_says_no_is_told_so(ada: Person, provider_url: str) -> None:
    made = make(ada, provider_url)
    answer = come_back(ada, decide(start(ada, made["id"]), "deny"))
    assert "The person said no." in answer.text
    assert shown(ada, made["id"])["oauth"]["state"] == "not_connected"


def test_a_state_is_good_once_for_its_own_session_and_ten_minutes(
    sign_up: Callable[..., Person], provider_url: str, clock: ManualClock
) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    made = make(ada, provider_url)
    location = decide(start(ada, made["id"]))
    assert come_back(eve, location).status == 404, "it was begun in another browser"
    assert "Connected" in come_back(ada, location).text
    assert come_back(ada, location).status == 404, "it is used up"
    late = decide(start(ada, made["id"]))
    clock.advance(601)
    assert come_back(ada, late).status == 404
    assert ada.browser.get(f"{CREDENTIALS}/oauth/generic/callback?code=x").status == 404


def test_a_program_cannot_connect_and_no_provider_is_taken_for_another(
    ada: Person, provider_url: str
) -> None:
    made = make(ada, provider_url)
    path = f"{CREDENTIALS}/oauth/generic/start?credential_id={made['id']}"
    assert ada.program.get(path).status == 409
    assert ada.browser.get(path.replace("generic", "google")).status == 404
    told = ada.browser.request("GET", path, headers={"Accept": "application/json"})
    assert told.json()["authorization_url"].startswith(f"{provider_url}/authorize?")


def test_a_step_knows_the_token_before_as_well_to_blank_it(
    ada: Person, parts: Parts, provider_url: str, clock: ManualClock
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    before = token_of(parts, ada, made["id"])
    clock.advance(3590)
    parts.http._session = None  # type: ignore[attr-defined]  # It belongs to another loop.
    load = parts.engine.services.credentials.load
    found = asyncio.run(load(ada.workspace_id, made["id"]))
    assert found["token"] != before
    assert found["former_tokens"] == [before]


def test_a_token_is_renewed_before_it_ends_and_once_for_all(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str, clock: ManualClock
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    first = token_of(parts, ada, made["id"])
    clock.advance(3000)
    assert token_of(parts, ada, made["id"]) == first
    clock.advance(590)
    credentials = parts.engine.services.credentials

    async def many() -> list[dict[str, Any]]:
        asked = (credentials.load(ada.workspace_id, made["id"]) for _ in range(20))
        return await asyncio.gather(*asked)

    parts.http._session = None  # type: ignore[attr-defined]  # It belongs to another loop.
    tokens = {one["token"] for one in asyncio.run(many())}
    assert len(tokens) == 1
    assert tokens != {first}
    assert provider.refreshes == 1
    assert is_good(provider_url, tokens.pop())


def test_a_withdrawn_grant_asks_for_reconnecting_and_works_again_after_it(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str, clock: ManualClock
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    provider.end_all()
    clock.advance(3600)
    parts.http._session = None  # type: ignore[attr-defined]  # It belongs to another loop.
    with pytest.raises(NodeError, match="has to be connected again") as raised:
        token_of(parts, ada, made["id"])
    assert not raised.value.retry
    found = shown(ada, made["id"])["oauth"]
    assert found["state"] == "reconnect_needed"
    assert "invalid_grant" in found["error"]
    parts.http._session = None  # type: ignore[attr-defined]
    assert connect(ada, made)["oauth"]["state"] == "connected"
    assert is_good(provider_url, token_of(parts, ada, made["id"]))


def test_a_provider_that_is_down_is_tried_again(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str, clock: ManualClock
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    first = token_of(parts, ada, made["id"])
    provider.is_down = True
    clock.advance(3590)
    parts.http._session = None  # type: ignore[attr-defined]  # It belongs to another loop.
    assert token_of(parts, ada, made["id"]) == first, "it is still good for ten seconds"
    clock.advance(60)
    parts.http._session = None  # type: ignore[attr-defined]
    with pytest.raises(NodeError) as raised:
        token_of(parts, ada, made["id"])
    assert raised.value.retry
    provider.is_down = False
    parts.http._session = None  # type: ignore[attr-defined]
    assert token_of(parts, ada, made["id"]) != first


def test_code_gets_it_as_a_bearer_token(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str
) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    credentials = parts.engine.services.credentials
    handle = asyncio.run(credentials.handle(ada.workspace_id, made["id"]))
    assert handle.type == "oauth2"
    assert handle.signing == BEARER
    assert handle.public == {}
    assert handle.secret["token"] in provider.access
    assert set(handle.secret) == {"token"}


def test_disconnecting_ends_it_on_both_sides(
    ada: Person, parts: Parts, provider: OpenIdProvider, provider_url: str
) -> None:
    made = make(ada, provider_url, "google")
    connect(ada, made, "google")
    token = next(iter(provider.access))
    assert ada.browser.delete(f"{CREDENTIALS}/{made['id']}/connection").status == 204
    assert shown(ada, made["id"])["oauth"]["state"] == "not_connected"
    assert not is_good(provider_url, token)
    with pytest.raises(NodeError, match="not connected yet"):
        token_of(parts, ada, made["id"])


def test_more_hosts_end_the_connection_and_fewer_do_not(ada: Person, provider_url: str) -> None:
    made = make(ada, provider_url)
    path = f"{CREDENTIALS}/{made['id']}"
    connect(ada, made)
    public = {"name": "Mail", "data": made["data"]}
    entered = {**made["data"], "client_secret": "the client's secret"}
    wider = {"name": "Mail", "data": entered, "allowed_hosts": ["evil.example"]}
    for hosts, state in (
        (["127.0.0.1:443"], "connected"),
        ([], "connected"),
        (["127.0.0.1"], "not_connected"),
    ):
        changed = ada.browser.put(path, json={**public, "allowed_hosts": hosts}).json()
        assert (changed["allowed_hosts"], changed["oauth"]["state"]) == (hosts, state)
    connect(ada, made)
    assert ada.browser.put(path, json=wider).json()["oauth"]["state"] == "not_connected"


def test_a_kept_secret_is_not_led_to_another_provider(ada: Person, provider_url: str) -> None:
    made = make(ada, provider_url)
    connect(ada, made)
    path = f"{CREDENTIALS}/{made['id']}"
    evil = {"token_url": "https://evil.example/token"}
    answer = ada.browser.put(path, json={"name": "Mail", "data": {**made["data"], **evil}})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/data/token_url"
    renamed = ada.browser.put(path, json={"name": "Post", "data": made["data"]})
    assert renamed.json()["oauth"]["state"] == "connected"
    other = {**made["data"], "scopes": "mail.write"}
    changed = ada.browser.put(path, json={"name": "Post", "data": other})
    assert changed.json()["oauth"]["state"] == "not_connected", "other scopes are another grant"


def test_an_instance_without_a_client_says_what_is_missing(
    make_parts: Callable[..., Parts], sign_up: Callable[..., Person], ada: Person, parts: Parts
) -> None:
    parts.providers._settings = OAuthSettings(google_base=parts.settings.oauth.google_base)
    made = make(ada, "http://127.0.0.1", "google")
    path = f"{CREDENTIALS}/oauth/google/start?credential_id={made['id']}"
    answer = ada.browser.get(path)
    assert answer.status == 502
    assert "GOOGLE_CLIENT_ID" in answer.json()["detail"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://a.example/", "nonsense"])
def test_addresses_are_checked(ada: Person, address: str) -> None:
    data = {**kinds("https://a.example")["generic"]["data"], "authorization_url": address}
    answer = ada.browser.post(CREDENTIALS, json={"name": "x", "type": "oauth2", "data": data})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/data/authorization_url"
