"""URLs go out as they are written; only what cannot stand in one is escaped."""

from __future__ import annotations

import asyncio

import pytest

from layers.contract import HttpRequest, HttpResponse
from layers.outbound import AddressPolicy, OutboundClient
from layers.outbound.targets import follow, parse
from tests.outbound.wire import Wire, moved, page, wire

WRITTEN = [
    "/p%2Fq/a%28b%29?sig=a%2Fb%2Bc&t=10%3A00&e=%40",
    "/?br=a[]&b={c}|d^e`f'g;h,i*j(k)l!m$n~o",
    "/lower%2f%3a?x=%2b",
    "/a/../b/./c//d",
    "/?a=1&&b=&=c&?",
    "/x?y=z%20a+b",
    "/;p=1,2:3@4=5/~",
    "/a\\b?c\\d",
]


async def sent_to(server: Wire, url: str) -> HttpResponse:
    client = OutboundClient(AddressPolicy((server.service,)))
    try:
        return await client.send(HttpRequest("GET", url))
    finally:
        await client.close()


@pytest.mark.parametrize("target", WRITTEN)
def test_a_url_is_sent_as_it_is_written(target: str) -> None:
    async def scenario() -> None:
        async with wire(lambda _: page()) as server:
            response = await sent_to(server, server.url(target))
            assert server.targets == [target]
            assert response.url == server.url(target)

    asyncio.run(scenario())


@pytest.mark.parametrize("target", WRITTEN)
def test_a_redirect_is_followed_as_it_is_written(target: str) -> None:
    # A path of dots is joined by RFC 3986 section 5.2, which resolves them.
    target = target.replace("/../b/.", "")

    async def scenario() -> None:
        def reply(head: bytes) -> bytes:
            return moved(target.encode()) if head.startswith(b"GET /first ") else page()

        async with wire(reply) as server:
            await sent_to(server, server.url("/first"))
            assert server.targets == ["/first", target]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/ä b?q=ä b", "/%C3%A4%20b?q=%C3%A4%20b"),
        ('/<a>?"x"', "/%3Ca%3E?%22x%22"),
        ("/?q=100%&r=%zz%4", "/?q=100%25&r=%25zz%254"),
        ("/a\tb?c\nd", "/a%09b?c%0Ad"),
        ("/a?b#c%20d", "/a?b"),
        ("?a=1", "/?a=1"),
        ("", "/"),
    ],
)
def test_only_what_cannot_stand_in_a_url_is_escaped(written: str, sent: str) -> None:
    async def scenario() -> None:
        async with wire(lambda _: page()) as server:
            await sent_to(server, server.url(written))
            assert server.targets == [sent]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("location", "sent"),
    [("/caf\u00e9".encode(), "/caf%C3%A9"), (b"/caf\xe9?\xff", "/caf%E9?%FF"), (b"b c", "/b%20c")],
    ids=["utf-8", "latin-1", "blank"],
)
def test_bytes_in_a_redirect_that_no_url_can_hold_are_escaped_as_they_are(
    location: bytes, sent: str
) -> None:
    async def scenario() -> None:
        def reply(head: bytes) -> bytes:
            return moved(location) if head.startswith(b"GET /first ") else page()

        async with wire(reply) as server:
            await sent_to(server, server.url("/first"))
            assert server.targets == ["/first", sent]

    asyncio.run(scenario())


def test_names_beyond_ascii_are_connected_to_in_their_encoded_form() -> None:
    url, address = parse("http://bücher.example:8080/ü%2F")
    assert (str(url), url.raw_host, address) == (
        "http://xn--bcher-kva.example:8080/%C3%BC%2F",
        "xn--bcher-kva.example",
        None,
    )
    assert str(follow(url, "//Bücher.test/%2f")[0]) == "http://xn--bcher-kva.test/%2f"
    assert str(parse("http://[::1]:81/%7E")[0]) == "http://[::1]:81/%7E"
