"""URLs and cookies of http_request over a real connection: as written, along hops and pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from layers.contract import Item, Json
from layers.outbound import AddressPolicy, OutboundClient
from tests.nodes_net.exchange import run_async
from tests.outbound.wire import Reply, Wire, moved, page, wire


def asked(
    reply: Reply, params: Mapping[str, Json], secret: Mapping[str, Any] | None = None
) -> tuple[list[Item], Wire]:
    async def scenario() -> tuple[list[Item], Wire]:
        async with wire(reply) as server:
            client = OutboundClient(AddressPolicy((server.service,)))
            url = str(params["url"]).replace("{base}", server.url(""))
            try:
                items, _ = await run_async({**params, "url": url}, [{}], client, secret)
            finally:
                await client.close()
            return items, server

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("params", "targets"),
    [
        (
            {"url": "{base}/p%2Fq/a%28b%29?sig=a%2Fb%2Bc&t=10%3A00&e=%40&br=a[]"},
            ["/p%2Fq/a%28b%29?sig=a%2Fb%2Bc&t=10%3A00&e=%40&br=a[]"],
        ),
        (
            {"url": "{base}/a%28b?t=10%3A00#end", "query": {"q": "a/b c[]", "n": 1}},
            ["/a%28b?t=10%3A00&q=a%2Fb+c%5B%5D&n=1"],
        ),
        ({"url": "{base}/a?", "query": {"q": ""}}, ["/a?q="]),
        ({"url": "{base}/ä b"}, ["/%C3%A4%20b"]),
    ],
    ids=["typed", "query", "empty query", "letters"],
)
def test_a_url_arrives_as_it_is_written(params: dict[str, Json], targets: list[str]) -> None:
    _, server = asked(lambda _: page(), params)
    assert server.targets == targets


def test_a_credential_in_the_query_leaves_the_rest_as_it_is_written() -> None:
    secret = {
        "type": "http_query",
        "name": "api key",
        "value": "s/1",
        "allowed_hosts": ["127.0.0.1"],
    }
    url = "{base}/?sig=a%2Fb&api%20key=old&t=10%3A00"
    _, server = asked(lambda _: page(), {"url": url}, secret)
    assert server.targets == ["/?sig=a%2Fb&t=10%3A00&api+key=s%2F1"]


def test_next_pages_are_asked_for_as_they_are_written() -> None:
    def reply(head: bytes) -> bytes:
        if b"/second" in head:
            return page()
        return page(b'Link: </second%2Fa?c=b%2Bc%3D&x[]=1>; rel="next"\r\n')

    _, server = asked(reply, {"url": "{base}/first%28", "pagination": {"mode": "next_url"}})
    assert server.targets == ["/first%28", "/second%2Fa?c=b%2Bc%3D&x[]=1"]


def test_a_login_whose_redirect_sets_a_cookie_goes_through() -> None:
    def reply(head: bytes) -> bytes:
        if head.startswith(b"GET /a "):
            return moved(b"/b", b"Set-Cookie: sid=abc; Path=/\r\n")
        if b"\r\nCookie: sid=abc\r\n" in head:
            return page(b"Set-Cookie: seen=1\r\n", b"welcome")
        return page(status=b"403 Forbidden")

    [item], _ = asked(reply, {"url": "{base}/a"})
    assert (item["status"], item["body"]) == (200, "welcome")
    assert item["set_cookies"] == ["sid=abc; Path=/", "seen=1"]
    assert item["headers"]["set-cookie"] == "sid=abc; Path=/\nseen=1"


def test_the_pages_of_one_pagination_share_their_cookies_and_items_do_not() -> None:
    def reply(head: bytes) -> bytes:
        if b"page=2" in head:
            return page()
        return page(b'Set-Cookie: sid=abc\r\nLink: </?page=2>; rel="next"\r\n')

    params: dict[str, Json] = {"url": "{base}/", "pagination": {"mode": "next_url"}}
    for _ in range(2):
        items, server = asked(reply, params)
        assert [b"Cookie: sid=abc" in head for head in server.heads] == [False, True]
        assert ["set_cookies" in item for item in items] == [True, False]
