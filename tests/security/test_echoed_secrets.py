"""Finding 4: who may not read credentials reads no secret of one in executions either."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from functions.main import build_app, running
from functions.parts import Parts
from layers.settings import Settings
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.people import bring
from tests.outbound.server import serving

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

SECRET = "OwnersSecret-123456/+=<9>"
BASE = "/api/v1"
KINDS: dict[str, dict[str, str]] = {
    "http_bearer": {"token": SECRET},
    "http_basic": {"username": "ada", "password": SECRET},
    "http_header": {"name": "X-Api-Key", "value": SECRET},
    "http_query": {"name": "key", "value": SECRET},
}


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings) -> Parts:
    network = replace(settings.network, allow_private=("127.0.0.1",))
    return make_parts(settings=replace(settings, network=network))


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


async def echo(request: web.Request) -> web.StreamResponse:
    """A debugging service: it shows what it was sent wherever an answer can."""
    sent = {"url": str(request.url), **request.headers}
    said = " ".join(sent.values()).encode("latin-1", "replace").decode()
    headers = {"X-Echo": said, "Set-Cookie": f"seen={said}"}
    if request.path == "/moved":
        return web.Response(status=302, headers={**headers, "Location": "/end"})
    if request.path == "/wrong":
        return web.json_response({"error": sent}, status=401, headers=headers)
    if request.path == "/file":
        return web.Response(body=b"\xff" + said.encode(), content_type="image/png", headers=headers)
    return web.json_response({"rows": [sent, {said: 1}], "next": None}, headers=headers)


PAGED = {"mode": "cursor", "cursor_path": "next", "items_path": "rows"}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/", {}),
        ("/", {"response": "text"}),
        ("/moved", {}),
        ("/wrong", {}),
        ("/wrong", {"fail_on_status": False}),
        ("/file", {}),
        ("/", {"pagination": PAGED}),
    ],
    ids=["value", "text", "redirect", "error", "error as item", "file", "pages"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_viewer_finds_no_secret_in_an_execution(
    ada: Person, client: Client, kind: str, path: str, params: dict[str, Any]
) -> None:
    viewer = bring(ada, client, "viewer").browser

    async def scenario() -> str:
        async with serving(echo) as server:
            made = await asyncio.to_thread(run, ada, kind, server.url(path), params)
            assert server.seen
            return made

    execution_id = asyncio.run(scenario())
    shown = viewer.get(f"{BASE}/executions/{execution_id}")
    assert shown.status == 200
    pair = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    encoded = base64.b64encode(SECRET.encode()).decode()
    for form in ("OwnersSecret", pair[8:20], encoded[4:16], "%2F%2B"):
        assert form not in shown.text
    assert "127.0.0.1" in shown.text
    assert viewer.get(f"{BASE}/credentials").status == 403


def test_an_editor_gets_no_secret_with_a_server_of_his_own(ada: Person, client: Client) -> None:
    async def scenario() -> tuple[str, int]:
        async with serving(echo) as server:
            hosts: list[str] = []
            made = await asyncio.to_thread(run, ada, "http_bearer", server.url("/"), {}, hosts)
            return made, len(server.seen)

    execution_id, asked = asyncio.run(scenario())
    assert asked == 0
    found = ada.program.get(f"{BASE}/executions/{execution_id}").json()
    assert "add '127.0.0.1' to its allowed hosts" in found["error"]["message"]


def run(
    person: Person,
    kind: str,
    url: str,
    params: dict[str, Any],
    hosts: list[str] | None = None,
) -> str:
    """Call that URL with a credential; returns the execution's id."""
    allowed = ["127.0.0.1"] if hosts is None else hosts
    credential = {"name": "c", "type": kind, "data": KINDS[kind], "allowed_hosts": allowed}
    made = person.program.post(f"{BASE}/credentials", json=credential)
    assert made.status == 201, made.text
    node = {"id": "ask", "type": "http_request", "params": {"url": url, **params}}
    workflow = {
        "name": "w",
        "nodes": [{"id": "a", "type": "manual"}, {**node, "credential_id": made.json()["id"]}],
        "connections": [{"from": "a", "to": "ask"}],
    }
    saved = person.program.post(f"{BASE}/workflows", json=workflow)
    assert saved.status == 201, saved.text
    ran = person.program.post(f"{BASE}/workflows/{saved.json()['id']}/run", json={"wait": 120})
    return str(ran.json()["id"])
