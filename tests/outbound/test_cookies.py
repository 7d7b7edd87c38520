"""Cookies go on along redirects and pages, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from yarl import URL

from layers.contract import Cookies, HttpRequest, HttpResponse
from layers.outbound import AddressPolicy, OutboundClient
from layers.outbound.cookies import Jar
from tests.outbound.wire import Wire, moved, page, wire


async def visit(
    *servers: Wire,
    url: str,
    headers: Mapping[str, str] | None = None,
    cookies: Cookies | None = None,
    lookup: bool = False,
) -> HttpResponse:
    def loopback(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    policy = AddressPolicy([server.service for server in servers])
    client = OutboundClient(policy, lookup=loopback) if lookup else OutboundClient(policy)
    try:
        return await client.send(HttpRequest("GET", url, headers or {}, cookies=cookies))
    finally:
        await client.close()


def cookie(head: bytes) -> str | None:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"cookie: "):
            return line[8:].decode()
    return None


def test_a_cookie_that_a_redirect_sets_goes_on_and_all_of_them_are_told() -> None:
    def reply(head: bytes) -> bytes:
        if head.startswith(b"GET /a "):
            return moved(b"/b", b"Set-Cookie: sid=abc; Path=/\r\nSet-Cookie: t=1; Path=/x\r\n")
        if head.startswith(b"GET /b "):
            return moved(b"/x/c", b'Set-Cookie: q="a b"; HttpOnly\r\n')
        return page(b"Set-Cookie: sid=; Max-Age=0; Path=/\r\nset-cookie: end=1\r\n", b"in")

    async def scenario() -> None:
        async with wire(reply) as server:
            response = await visit(server, url=server.url("/a"))
            assert [cookie(head) for head in server.heads] == [
                None,
                "sid=abc",
                'sid=abc; q="a b"; t=1',
            ]
            told = ["sid=abc; Path=/", "t=1; Path=/x", 'q="a b"; HttpOnly']
            told += ["sid=; Max-Age=0; Path=/", "end=1"]
            assert list(response.set_cookies) == told
            assert response.headers["set-cookie"].split("\n") == told

    asyncio.run(scenario())


def test_no_cookie_goes_to_another_site_and_it_is_there_again_on_the_way_back() -> None:
    async def scenario() -> None:
        box: list[bytes] = []

        def home(head: bytes) -> bytes:
            return moved(box[0], b"Set-Cookie: sid=abc; Path=/\r\n") if b"/a " in head else page()

        async with wire(home) as server:
            back = server.url("/b", "site.test").encode()
            async with wire(lambda _: moved(back)) as other:
                box.append(other.url("/", "other.test").encode())
                await visit(server, other, url=server.url("/a", "site.test"), lookup=True)
                assert [cookie(head) for head in other.heads] == [None]
                assert [cookie(head) for head in server.heads] == [None, "sid=abc"]

    asyncio.run(scenario())


def test_an_own_cookie_stays_unless_the_server_sets_it_anew() -> None:
    def reply(head: bytes) -> bytes:
        return moved(b"/b", b"Set-Cookie: sid=new; Path=/\r\n") if b"/a " in head else page()

    async def scenario() -> None:
        async with wire(reply) as server:
            await visit(server, url=server.url("/a"), headers={"cookie": "lang=de; sid=old"})
            assert [cookie(head) for head in server.heads] == [
                "lang=de; sid=old",
                "lang=de; sid=new",
            ]

    asyncio.run(scenario())


def test_requests_share_cookies_only_where_they_are_told_to() -> None:
    async def scenario() -> None:
        async with wire(lambda _: page(b"Set-Cookie: sid=abc; Path=/\r\n")) as server:
            shared = Cookies()
            for cookies in (shared, shared, None, Cookies()):
                await visit(server, url=server.url("/"), cookies=cookies)
            assert [cookie(head) for head in server.heads] == [None, "sid=abc", None, None]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("value", "asked", "sent"),
    [
        ("a=1; Secure", "https://a.test/", "a=1"),
        ("a=1; Secure", "http://a.test/", None),
        ("a=1", "http://b.a.test/", None),
        ("a=1; Domain=a.test", "http://b.a.test/", "a=1"),
        ("a=1; Domain=.a.test", "http://b.a.test/", "a=1"),
        ("a=1; Domain=a.test", "http://xa.test/", None),
        ("a=1; Domain=other.test", "http://other.test/", None),
        ("a=1; Domain=test", "http://other.test/", None),
        ("a=1; Path=/x", "http://a.test/x/y", "a=1"),
        ("a=1; Path=/x", "http://a.test/xy", None),
        ("a=1; Max-Age=0", "http://a.test/", None),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.test/", None),
        ("no cookie", "http://a.test/", None),
    ],
)
def test_domain_path_and_secure_say_where_a_cookie_goes(
    value: str, asked: str, sent: str | None
) -> None:
    async def scenario() -> None:
        jar = Jar()
        jar.take([value], URL("https://a.test/"))
        assert jar.added({}, URL(asked)).get("Cookie") == sent

    asyncio.run(scenario())
