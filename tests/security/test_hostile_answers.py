"""Finding 3: what a server answers holds up nobody else's execution in the same worker."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest
from aiohttp import web

from layers.settings import Settings
from tests.engine.harness import Saved, Stage, node, played
from tests.outbound.server import serving
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MB = 1_000_000
# Decoding the punycode at once took about twenty seconds, in which nothing else went on.
LONGEST_HOLD_S = 5.0
ANSWERS = {
    "punycode": (b"a" * 1_200_000, "text/plain; charset=punycode"),
    "idna": (b"\xc3\xa4" * 200_000, "text/html; charset=idna"),
    "punycode in HTML": (b"<meta charset=punycode>" + b"a" * 1_200_000, "text/html"),
    "JSON in punycode": (b'"' + b"a" * 1_200_000 + b'"', "application/json; charset=punycode"),
    "broken letters": (b"\x82\xa0\xff" * (8 * MB), "text/plain; charset=shift_jis"),
    "values": (b"[" + b"1," * (16 * MB) + b"1]", "application/json"),
    "objects": (b"{}\n" * (8 * MB), "application/x-ndjson"),
    "halves": (b"[" + b'"\\ud800",' * MB + b"1]", "application/json"),
}


@pytest.fixture
def stage(settings: Settings) -> Stage:
    network = replace(settings.network, allow_private=("127.0.0.1",))
    return Stage(replace(settings, network=network))


async def pulse(gaps: list[float]) -> None:
    """Note how long the event loop was not free."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    while True:
        await asyncio.sleep(0.01)
        now = loop.time()
        gaps.append(now - before)
        before = now


def another(stage: Stage) -> Saved:
    """A short workflow of another workspace."""
    nodes = [node("start", "manual"), node("touch", "keyed")]
    return stage.save(nodes, ["start -> touch"], workspace_id=stage.workspace())


def ordered(stage: Stage, url: str, **params: object) -> Saved:
    request = {"url": url, "max_response_mb": 256, "timeout_s": PATIENCE_S, **params}
    nodes = [node("start", "manual"), {**node("ask", "http_request"), "params": request}]
    return stage.save(nodes, ["start -> ask"])


@pytest.mark.parametrize("answer", ANSWERS)
@played
async def test_others_go_on_while_a_hostile_answer_is_read(stage: Stage, answer: str) -> None:
    content, kind = ANSWERS[answer]

    async def hostile(_: web.Request) -> web.StreamResponse:
        return web.Response(body=content, headers={"Content-Type": kind})

    async with serving(hostile) as server:
        gaps: list[float] = []
        beating = asyncio.create_task(pulse(gaps))
        first = await stage.start(ordered(stage, server.url("/"), response="auto"))
        await stage.until(lambda: server.seen)
        saved = another(stage)
        for _ in range(3):
            done = await stage.run(saved)
            assert done["status"] == "succeeded"
        ended = await stage.end(first)
        beating.cancel()
    assert max(gaps) < LONGEST_HOLD_S
    assert ended["status"] in ("succeeded", "failed")
    if ended["status"] == "failed":
        assert "more than 5,000,000 values" in ended["error"]["message"]


@played
async def test_the_largest_answer_that_is_allowed_holds_up_nobody(stage: Stage) -> None:
    pieces = itertools.repeat(b"\x81\x30\x81\x30" * 250_000, 250)

    async def large(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=gb18030"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        return response

    async with serving(large) as server:
        gaps: list[float] = []
        beating = asyncio.create_task(pulse(gaps))
        # Read whole, and then no page with items: so no step has to keep it.
        paging = {"mode": "cursor", "cursor_path": "next", "items_path": "rows"}
        first = await stage.start(ordered(stage, server.url("/"), pagination=paging))
        await stage.until(lambda: server.seen)
        saved = another(stage)
        for _ in range(3):
            assert (await stage.run(saved))["status"] == "succeeded"
        ended = await stage.end(first)
        beating.cancel()
    assert ended["error"]["kind"] == "pagination"
    assert max(gaps) < LONGEST_HOLD_S
