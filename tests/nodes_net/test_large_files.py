"""Files larger than what is held in memory: they go out and come in piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from functions.nodes.http_received import HEAD
from functions.nodes.net.http_request import node
from layers.artifacts import StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.contract import FileRef, Item, Json, NodeError
from layers.outbound import AddressPolicy, OutboundClient
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes.context import read_params
from tests.nodes_net.exchange import NetContext, run_async
from tests.outbound.server import Handler, serving

LARGE = bytes(range(256)) * 12_000
SECRET = {"type": "http_bearer", "token": "a-secret-of-some-length"}


class Counting(MemoryStore):
    """A store that knows the largest piece that it was asked for, or was given whole."""

    largest_part = 0
    is_damaged = False

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        self.largest_part = max(self.largest_part, length)
        found = super().part(workspace_id, digest, start, length)
        return found[:-1] + b"?" if self.is_damaged and start else found

    def get(self, workspace_id: str, digest: str) -> bytes:
        raise AssertionError("A large file is never read whole.")


async def run(
    handler: Handler,
    params: Mapping[str, Json],
    store: MemoryStore,
    kept: tuple[FileRef, ...] = (),
    secret: Mapping[str, Any] | None = None,
) -> tuple[Item, list[web.Request]]:
    async with serving(handler) as server:
        client = OutboundClient(AddressPolicy((server.service,)))
        item = Item()
        item.files = kept
        context = NetContext(
            items=[item], http=client, files=StoredFiles(store, "w"), secret=secret
        )
        call: Any = node.run
        given = {"url": server.url("/file.bin"), **params}
        try:
            found = await call(read_params(node, given), context.items, context)
        finally:
            await client.close()
        return found["main"][0], server.seen


def stored(store: MemoryStore, content: bytes, name: str = "a.bin") -> FileRef:
    return FileRef(name, "application/x-a", len(content), store.put("w", content))


async def ok(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True})


@pytest.mark.parametrize("kind", ["file", "multipart"])
def test_a_large_file_goes_out_in_pieces_with_its_length(kind: str) -> None:
    store = Counting()
    file = stored(store, LARGE)
    body = None if kind == "file" else {"note": "n", "doc": {"file": "a.bin"}}
    params = {"method": "POST", "body_type": kind, "body": body}
    item, [request] = asyncio.run(run(ok, params, store, (file,)))
    assert item["body"] == {"ok": True}
    content = request._read_bytes
    assert content is not None
    assert LARGE in content
    assert request.headers["content-length"] == str(len(content))
    assert "transfer-encoding" not in request.headers
    assert 0 < store.largest_part <= HEAD


def test_a_large_file_goes_out_again_where_a_redirect_asks_for_it() -> None:
    async def twice(request: web.Request) -> web.StreamResponse:
        if request.path == "/file.bin":
            return web.Response(status=307, headers={"Location": "/other"})
        return web.json_response({})

    store = Counting()
    file = stored(store, LARGE)
    _, requests = asyncio.run(run(twice, {"method": "PUT", "body_type": "file"}, store, (file,)))
    assert [one._read_bytes == LARGE for one in requests] == [True, True]


def test_a_file_that_is_damaged_is_what_the_error_is_about() -> None:
    store = Counting()
    file = stored(store, LARGE)
    store.is_damaged = True
    with pytest.raises(NodeError, match=r"a\.bin") as caught:
        asyncio.run(run(ok, {"method": "PUT", "body_type": "file"}, store, (file,)))
    assert caught.value.kind == "artifact_unavailable"


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [("binary", "application/json"), ("auto", "video/mp4"), ("auto", None), ("auto", "text/x")],
)
def test_what_comes_in_is_a_file_or_a_text_as_it_would_be_if_it_were_small(
    wanted: str, kind: str | None
) -> None:
    is_text = kind == "text/x"
    content = b"text " * 500_000 if is_text else b"\x00" + LARGE
    client = ScriptedClient(
        [answer(content, 200, {"Content-Type": kind} if kind else {}, "/file.bin")]
    )

    async def scenario() -> tuple[Item, NetContext]:
        [item], context = await run_async(
            {"url": "http://a.test/file.bin", "response": wanted}, [{}], client
        )
        for file in item.files:
            assert await context.files.read(file) == content
        return item, context

    item, _ = asyncio.run(scenario())
    if is_text:
        assert (item["body"], item.files) == (content.decode(), ())
    else:
        [file] = item.files
        assert (item["body"], file.name, file.size) == (None, "file.bin", len(content))


def test_secrets_are_blanked_in_a_large_file_wherever_pieces_end() -> None:
    token = str(SECRET["token"]).encode()
    content = (b"\x00" * (HEAD - 7) + token) * 3

    async def giving(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=content, content_type="application/octet-stream")

    store = MemoryStore()
    item, _ = asyncio.run(run(giving, {}, store, secret=SECRET))
    assert store.get("w", item.files[0].key) == content.replace(token, b"*" * len(token))


@pytest.mark.parametrize("trouble", ["breaks off", "too large"])
def test_nothing_is_kept_of_an_answer_that_does_not_come_to_its_end(trouble: str) -> None:
    async def giving(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(4):
            await response.write(LARGE)
        if trouble == "breaks off":
            assert request.transport is not None
            request.transport.close()
        return response

    store = MemoryStore()
    most = 100 if trouble == "breaks off" else 5
    with pytest.raises(NodeError) as caught:
        asyncio.run(run(giving, {"max_response_mb": most}, store))
    assert caught.value.kind == ("connection" if trouble == "breaks off" else "response_too_large")
    assert store.objects == {}
