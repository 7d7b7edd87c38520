"""URLs and names that must lead nowhere as long as nothing is allowed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from layers.contract import HttpRequest, NodeError
from layers.outbound import AddressPolicy, OutboundClient
from layers.outbound.gate import AddressRefused, Gate
from tests.outbound.server import serving
from tests.waiting import PATIENCE_S

# Names that the fake lookup below knows; an attacker's own DNS can say any of these.
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "localtest.test": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "private.test": ["10.0.0.5"],
    "six.test": ["::1"],
    "mapped.test": ["::ffff:169.254.169.254"],
    "nat64.test": ["64:ff9b::a9fe:a9fe"],
    "unspecified.test": ["0.0.0.0"],
    "scoped.test": ["fe80::1%1"],
    "cgnat.test": ["100.100.100.200"],
}

REFUSED = [
    "http://127.0.0.1/",
    "http://127.0.0.1:6379/",
    "http://127.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://169.254.170.2/v2/credentials",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/metadata",
    "http://192.0.0.192/opc/v1/instance/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://203.0.113.7/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.88.99.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "http://[2001:db8::1]/",
    "http://[2606:4700::5efe:7f00:1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[4000::1]/",
    "https://127.0.0.1/",
    *(f"http://{name}/" for name in NAMES),
    "http://LOCALHOST/",
    "http://ⓛocalhost/",
]

UNUSABLE = [
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_INFO",
    "unix:///var/run/docker.sock",
    "//127.0.0.1/",
    "/etc/passwd",
    "",
    "http://",
    "http:///path",
    "http://user:secret@example.com/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://exa mple.com/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://256.256.256.256/",
    "http://a..b/",
    "http://xn--a/",
]


def known_names(host: str, port: int) -> Sequence[str]:
    try:
        return NAMES[host.rstrip(".")]
    except KeyError:
        raise OSError(socket.EAI_NONAME, "no such name") from None


@asynccontextmanager
async def client(*allowed: str, lookup: object = known_names) -> AsyncIterator[OutboundClient]:
    made = OutboundClient(AddressPolicy(allowed), lookup=lookup)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


async def error_of(url: str, *allowed: str, lookup: object = known_names) -> NodeError:
    async with client(*allowed, lookup=lookup) as made:
        with pytest.raises(NodeError) as caught:
            await made.send(HttpRequest("GET", url, timeout_s=PATIENCE_S))
    return caught.value


async def ok(_: web.Request) -> web.StreamResponse:
    return web.Response(text="reached")


@pytest.mark.parametrize("url", REFUSED)
def test_a_private_address_is_refused_however_it_is_written(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(Gate, "open_socket", lambda gate, info: opened.append(info))
    assert asyncio.run(error_of(url)).kind == "refused_address"
    assert opened == []


@pytest.mark.parametrize("url", UNUSABLE)
def test_what_is_no_plain_http_url_is_refused_before_anything_is_looked_up(url: str) -> None:
    looked_up: list[str] = []

    def lookup(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    error = asyncio.run(error_of(url, lookup=lookup))
    assert error.kind == "invalid_url"
    assert "secret" not in error.message
    assert looked_up == []


def test_the_corpus_is_not_refused_for_another_reason() -> None:
    """The same spellings do reach a server once its address is allowed."""

    async def scenario() -> None:
        async with serving(ok) as server, client(server.service) as made:
            for host in ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "localtest.test"):
                response = await made.send(HttpRequest("GET", server.url("/", host)))
                assert response.body == b"reached"
                assert server.seen[-1].host.startswith(("127.0.0.1:", "localtest.test:"))

    asyncio.run(scenario())


def test_an_allowed_name_reaches_its_private_address_and_only_under_that_name() -> None:
    async def scenario() -> None:
        async with serving(ok) as server, client("localtest.test") as made:
            url = server.url("/", "localtest.test")
            assert (await made.send(HttpRequest("GET", url))).status == 200
            with pytest.raises(NodeError) as caught:
                await made.send(HttpRequest("GET", server.url("/", "localhost")))
            assert caught.value.kind == "refused_address"

    asyncio.run(scenario())


def test_a_name_that_flips_after_the_check_does_not_move_the_connection() -> None:
    """DNS rebinding: the first answer is checked, so no second one may be asked for."""

    async def scenario() -> None:
        async with serving(ok) as server:
            answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]
            asked: list[str] = []

            def flipping(host: str, port: int) -> Sequence[str]:
                asked.append(host)
                return answers.pop(0)

            # 127.0.0.2 is allowed here as a public address would be; nobody listens there.
            async with client("127.0.0.2", lookup=flipping) as made:
                with pytest.raises(NodeError) as caught:
                    await made.send(
                        HttpRequest("GET", server.url("/", "flip.test"), timeout_s=PATIENCE_S)
                    )
            assert caught.value.kind == "connection"
            assert asked == ["flip.test"]
            assert server.connections == 0

    asyncio.run(scenario())


def test_a_name_that_flips_to_a_private_address_is_refused_at_the_next_lookup() -> None:
    async def scenario() -> None:
        async with serving(ok) as server:
            answers = [["127.0.0.1"], ["127.0.0.3"]]

            def flipping(host: str, port: int) -> Sequence[str]:
                return answers.pop(0)

            gate = Gate(AddressPolicy((server.service,)), flipping)
            assert [each["host"] for each in await gate.resolve("flip.test", server.port)] == [
                "127.0.0.1"
            ]
            with pytest.raises(AddressRefused):
                await gate.resolve("flip.test", server.port)
            await gate.close()

    asyncio.run(scenario())


def test_of_mixed_addresses_only_the_allowed_ones_are_used() -> None:
    async def scenario() -> None:
        async with serving(ok) as server:

            def mixed(host: str, port: int) -> Sequence[str]:
                return ["10.0.0.1", "::1", "127.0.0.1", "169.254.169.254"]

            gate = Gate(AddressPolicy((server.service,)), mixed)
            found = await gate.resolve("mixed.test", server.port)
            assert [each["host"] for each in found] == ["127.0.0.1"]
            await gate.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("target", [("127.0.0.1", 80), ("::1", 80, 0, 0)])
def test_no_socket_is_made_for_an_address_that_came_past_the_resolver(
    target: tuple[object, ...],
) -> None:
    gate = Gate(AddressPolicy())
    family = socket.AF_INET6 if len(target) == 4 else socket.AF_INET
    with pytest.raises(AddressRefused):
        gate.open_socket((family, socket.SOCK_STREAM, 6, "", target))
    asyncio.run(gate.close())


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "//127.0.0.1:1/",
        "http://0x7f.1:1/",
        "http://localtest.test:1/",
        "http://[::ffff:127.0.0.1]:1/",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(location: str) -> None:
    async def redirecting(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    async def scenario() -> None:
        async with serving(redirecting) as server:
            error = await error_of(server.url("/"), server.service)
            assert error.kind == "refused_address"
            assert len(server.seen) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "http://[x"])
def test_a_redirect_to_something_else_than_http_is_refused(location: str) -> None:
    async def redirecting(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": location})

    async def scenario() -> None:
        async with serving(redirecting) as server:
            assert (await error_of(server.url("/"), server.service)).kind == "invalid_url"

    asyncio.run(scenario())


def test_a_proxy_named_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def scenario() -> None:
        async with serving(ok) as server, client(server.service) as made:
            assert (await made.send(HttpRequest("GET", server.url("/")))).status == 200

    asyncio.run(scenario())
