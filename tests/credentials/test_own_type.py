"""A new credential type is one file: everybody who sends credentials then knows it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.contract import NodeError
from layers.sandbox.client import credential_json
from layers.settings import Settings
from sandbox_runner.egress.secrets import Handles, read_credentials
from sandbox_runner.guest import network
from tests.asgi_client import Client
from tests.conftest import Person
from tests.credentials.own_type import TYPE, put_beside_the_others

SECRET = "0123456789abcdef/secret"
API = "/api/v1"


class Service(BaseHTTPRequestHandler):
    """Lets in who has the key and its secret; shows what it was asked."""

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        is_good = self.headers.get("X-Secret") == f"Pair {SECRET}"
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200 if is_good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(service: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{service.server_port}"


@pytest.fixture
def parts(
    make_parts: Callable[..., Parts],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> Parts:
    network = replace(settings.network, allow_private=("127.0.0.1",))
    folder = tmp_path / "types"
    folder.mkdir()
    registry = put_beside_the_others(folder, monkeypatch)
    return make_parts(settings=replace(settings, network=network), registry=registry)


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


def make(person: Person, address: str, secret: str = SECRET, **changed: Any) -> str:
    data = {"account": "a 1", "key": "k1", "secret": secret, "address": address}
    body = {"name": "Pair", "type": TYPE, "data": data, "allowed_hosts": ["127.0.0.1"], **changed}
    answer = person.browser.post(f"{API}/credentials", json=body)
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def test_it_is_listed_and_fits_where_requests_are_signed(ada: Person) -> None:
    listed = ada.browser.get(f"{API}/credential-types").json()["items"]
    (found,) = [one for one in listed if one["type"] == TYPE]
    assert [field["name"] for field in found["fields"]] == ["account", "key", "secret", "address"]
    types = ada.browser.get(f"{API}/node-types").json()["items"]
    takers = {one["type"] for one in types if TYPE in one["credential_types"]}
    assert {"http_request", "python"} <= takers


def test_the_node_http_request_sends_it(
    ada: Person, address: str, service: ThreadingHTTPServer
) -> None:
    node = {
        "id": "ask",
        "type": "http_request",
        "params": {"url": f"{address}/orders?limit=1"},
        "credential_id": make(ada, address),
    }
    workflow = {
        "name": "Orders",
        "nodes": [{"id": "start", "type": "manual"}, node],
        "connections": [{"from": "start", "to": "ask"}],
    }
    made = ada.browser.post(f"{API}/workflows", json=workflow)
    assert made.status == 201, made.text
    ran = ada.browser.post(
        f"{API}/workflows/{made.json()['id']}/run", json={"items": [{}], "wait": 60}
    ).json()
    assert ran["status"] == "succeeded", ran
    path, headers = service.seen[0]  # type: ignore[attr-defined]
    assert path == "/orders?limit=1&account=a+1"
    assert (headers["X-Key"], headers["X-Secret"]) == ("k1", f"Pair {SECRET}")
    assert SECRET not in json.dumps(ran), "what comes back does not show it"


def test_code_in_the_sandbox_sends_it_by_placeholders(
    ada: Person, parts: Parts, address: str
) -> None:
    handle = asyncio.run(
        parts.engine.services.credentials.handle(ada.workspace_id, make(ada, address))
    )
    (given,) = read_credentials(json.loads(json.dumps([credential_json(handle)])), [])
    handles = Handles([given])
    sent: list[tuple[str, dict[str, str]]] = []

    def send(method: str, url: str, headers: dict[str, str], body: Any, timeout: float) -> Any:
        sent.append((url, headers))

    network.Credential(handles.shown[0], send).request("GET", "https://a.test/", params={"n": 1})
    ((url, headers),) = sent
    assert url == "https://a.test/?account=a+1&n=1"
    assert headers["X-Key"] == "k1"
    assert SECRET not in json.dumps(handles.shown)
    filled, used = handles.fill_header(headers["X-Secret"], "127.0.0.1", 80)
    assert (filled, used) == (f"Pair {SECRET}", [SECRET])


def test_testing_it_asks_its_service(
    ada: Person, address: str, service: ThreadingHTTPServer
) -> None:
    good = ada.browser.post(f"{API}/credentials/{make(ada, address)}/test", json={}).json()
    assert good == {"ok": True, "message": "127.0.0.1 accepts it: it answered 200."}
    assert service.seen[0][0] == "/whoami?account=a+1"  # type: ignore[attr-defined]
    wrong = make(ada, address, secret="another secret")
    bad = ada.browser.post(f"{API}/credentials/{wrong}/test", json={}).json()
    assert bad == {"ok": False, "message": "127.0.0.1 refused it: it answered 401."}


def test_testing_it_goes_to_its_hosts_only(
    ada: Person, address: str, service: ThreadingHTTPServer
) -> None:
    elsewhere = make(ada, address, allowed_hosts=["api.example.com"])
    found = ada.browser.post(f"{API}/credentials/{elsewhere}/test", json={}).json()
    assert not found["ok"]
    assert "may not be sent to '127.0.0.1'" in found["message"]
    assert service.seen == []  # type: ignore[attr-defined]


def test_a_credential_whose_type_is_gone_is_shown_and_can_only_be_deleted(
    ada: Person, parts: Parts, address: str
) -> None:
    credential_id = make(ada, address)
    place = f"{API}/credentials/{credential_id}"
    assert ada.browser.get(place).json()["is_available"] is True
    del parts.registry.credentials[TYPE]
    shown = ada.browser.get(place)
    assert shown.status == 200
    assert shown.json()["is_available"] is False
    assert ada.browser.get(f"{API}/credentials").status == 200
    changed = ada.browser.put(place, json={"name": "x", "data": {}})
    assert changed.status == 422
    assert changed.json()["errors"][0]["pointer"] == "/type"
    assert "not installed" in changed.json()["errors"][0]["message"]
    tried = ada.browser.post(f"{place}/test", json={})
    assert tried.status == 200
    assert "not installed" in tried.json()["message"]
    started = ada.browser.get(f"{API}/credentials/oauth/google/start?credential_id={credential_id}")
    assert started.status == 404
    assert ada.browser.delete(place).status == 204


def test_a_step_says_that_the_type_of_its_credential_is_gone(
    ada: Person, parts: Parts, address: str
) -> None:
    credential_id = make(ada, address)
    del parts.registry.credentials[TYPE]
    credentials = parts.engine.services.credentials
    for opening in (credentials.load, credentials.handle):
        with pytest.raises(NodeError, match="'key_pair': install what brings it"):
            asyncio.run(opening(ada.workspace_id, credential_id))
