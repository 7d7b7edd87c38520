"""The client against a real server: reuse, redirects, limits, encodings, failures."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from layers.contract import HttpRequest, HttpResponse, NodeError
from layers.media.coding import decoder
from layers.outbound import AddressPolicy, OutboundClient
from tests.outbound.server import Handler, Server, serving
from tests.ports import free_port
from tests.waiting import PATIENCE_S


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response(
        {
            "method": request.method,
            "path": request.path_qs,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode("latin-1"),
        }
    )


def seen(response: HttpResponse) -> dict[str, Any]:
    import json

    found = json.loads(response.body)
    assert isinstance(found, dict)
    return found


async def fetch(server: Server, request: HttpRequest) -> HttpResponse:
    client = OutboundClient(AddressPolicy((server.service,)))
    try:
        return await client.send(request)
    finally:
        await client.close()


async def failing(server: Server, request: HttpRequest) -> NodeError:
    with pytest.raises(NodeError) as caught:
        await fetch(server, request)
    return caught.value


def answer_of(handler: Handler, **request: object) -> HttpResponse:
    async def scenario() -> HttpResponse:
        async with serving(handler) as server:
            return await fetch(server, HttpRequest("GET", server.url("/"), **request))  # type: ignore[arg-type]

    return asyncio.run(scenario())


def error_of(handler: Handler, **request: object) -> NodeError:
    async def scenario() -> NodeError:
        async with serving(handler) as server:
            return await failing(server, HttpRequest("GET", server.url("/"), **request))  # type: ignore[arg-type]

    return asyncio.run(scenario())


def test_a_request_arrives_as_it_was_given() -> None:
    async def scenario() -> None:
        async with serving(echo) as server:
            request = HttpRequest(
                "PUT",
                server.url("/a%2Fb?q=x+y&z=%20"),
                {"X-One": "1", "content-type": "text/csv", "Connection": "upgrade"},
                b"\x00\xffbody",
            )
            response = await fetch(server, request)
            got = seen(response)
            assert response.status == 200
            assert response.headers["content-type"].startswith("application/json")
            assert got["method"] == "PUT"
            assert got["path"] == "/a%2Fb?q=x+y&z=%20"
            assert got["body"] == "\x00\xffbody"
            assert got["headers"]["x-one"] == "1"
            assert got["headers"]["content-type"] == "text/csv"
            assert got["headers"]["user-agent"] == "Treadle"
            assert got["headers"].get("connection") != "upgrade"

    asyncio.run(scenario())


def test_no_body_and_no_media_type_are_made_up() -> None:
    got = seen(answer_of(echo))
    assert got["body"] == ""
    assert "content-type" not in got["headers"]


def test_a_body_of_many_megabytes_arrives_whole() -> None:
    async def length(request: web.Request) -> web.StreamResponse:
        return web.Response(text=str(len(await request.read())))

    assert answer_of(length, body=b"x" * 5_000_000).body == b"5000000"


def test_connections_are_reused_one_after_the_other() -> None:
    async def scenario() -> None:
        async with serving(echo) as server:
            client = OutboundClient(AddressPolicy((server.service,)))
            for _ in range(20):
                await client.send(HttpRequest("GET", server.url("/")))
            assert server.connections == 1
            await asyncio.gather(
                *(client.send(HttpRequest("GET", server.url("/"))) for _ in range(8))
            )
            assert server.connections <= 8
            await client.close()

    asyncio.run(scenario())


def test_a_redirect_reuses_the_connection_too() -> None:
    async def to_end(request: web.Request) -> web.StreamResponse:
        if request.path == "/end":
            return web.Response(text="end")
        response = web.StreamResponse(status=302, headers={"Location": "/end"})
        await response.prepare(request)
        for _ in range(20):
            await asyncio.sleep(0)
            await response.write(b"moved" * 100)
        return response

    async def scenario() -> None:
        async with serving(to_end) as server:
            response = await fetch(server, HttpRequest("GET", server.url("/")))
            assert response.url == server.url("/end")
            assert server.connections == 1

    asyncio.run(scenario())


def test_cookies_are_not_kept_between_requests() -> None:
    async def cookie(request: web.Request) -> web.StreamResponse:
        response = web.Response(text=request.headers.get("Cookie", "none"))
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    async def scenario() -> None:
        async with serving(cookie) as server:
            # A name, because cookies are never kept for a bare address.
            policy = AddressPolicy((server.service,))
            client = OutboundClient(policy, lookup=lambda host, port: ["127.0.0.1"])
            url = server.url("/", "cookies.test")
            first = await client.send(HttpRequest("GET", url))
            again = await client.send(HttpRequest("GET", url))
            own = await client.send(HttpRequest("GET", url, {"Cookie": "c=3"}))
            await client.close()
            assert first.headers["set-cookie"].splitlines() == ["a=1; Path=/", "b=2; Path=/"]
            assert again.body == b"none"
            assert own.body == b"c=3"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "method", "becomes", "body"),
    [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "POST", "GET", ""),
        (303, "PUT", "GET", ""),
        (303, "HEAD", "HEAD", ""),
        (301, "PUT", "PUT", "data"),
        (302, "DELETE", "DELETE", "data"),
        (307, "POST", "POST", "data"),
        (308, "POST", "POST", "data"),
    ],
)
def test_a_redirect_changes_the_method_as_browsers_do(
    status: int, method: str, becomes: str, body: str
) -> None:
    async def moving(request: web.Request) -> web.StreamResponse:
        if request.path == "/end":
            return await echo(request)
        return web.Response(status=status, headers={"Location": "end"})

    async def scenario() -> None:
        async with serving(moving) as server:
            request = HttpRequest(
                method, server.url("/start"), {"Content-Type": "text/x", "X-A": "1"}, b"data"
            )
            response = await fetch(server, request)
            end = server.seen[-1]
            assert (end.method, end.path) == (becomes, "/end")
            assert end.headers["X-A"] == "1"
            if method != "HEAD":
                got = seen(response)
                assert got["body"] == body
                assert ("content-type" in got["headers"]) is bool(body)

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [302, 307])
def test_no_secret_header_follows_to_another_origin(status: int) -> None:
    async def scenario() -> None:
        async with serving(echo) as other:

            async def away(_: web.Request) -> web.StreamResponse:
                return web.Response(status=status, headers={"Location": other.url("/end")})

            async with serving(away) as first:
                client = OutboundClient(AddressPolicy((first.service, other.service)))
                response = await client.send(
                    HttpRequest(
                        "GET",
                        first.url("/"),
                        {
                            "Authorization": "Bearer s",
                            "cookie": "s=1",
                            "X-Api-Key": "s",
                            "Accept": "text/x",
                        },
                    )
                )
                await client.close()
                assert first.seen[0].headers["X-Api-Key"] == "s"
                got = seen(response)["headers"]
                assert got["accept"] == "text/x"
                assert not {"authorization", "cookie", "x-api-key"} & set(got)

    asyncio.run(scenario())


def test_secret_headers_follow_within_the_origin() -> None:
    async def moving(request: web.Request) -> web.StreamResponse:
        if request.path == "/end":
            return await echo(request)
        return web.Response(status=302, headers={"Location": "/end"})

    got = seen(answer_of(moving, headers={"Authorization": "Bearer s"}))
    assert got["headers"]["authorization"] == "Bearer s"


def test_redirects_end_at_their_limit() -> None:
    async def onward(request: web.Request) -> web.StreamResponse:
        number = int(request.path[1:] or 0)
        if number == 3:
            return web.Response(text="end")
        return web.Response(status=302, headers={"Location": f"/{number + 1}"})

    assert answer_of(onward, follow_redirects=3).body == b"end"
    assert error_of(onward, follow_redirects=2).kind == "too_many_redirects"
    unfollowed = answer_of(onward, follow_redirects=0)
    assert (unfollowed.status, unfollowed.headers["location"]) == (302, "/1")


def test_a_redirect_without_a_place_is_the_answer() -> None:
    async def nowhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, text="nowhere")

    assert answer_of(nowhere).body == b"nowhere"


def test_a_larger_answer_than_allowed_is_refused_by_its_length_and_by_count() -> None:
    async def sized(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1001)

    async def chunked(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(11):
            await response.write(b"x" * 100)
        return response

    for handler in (sized, chunked):
        error = error_of(handler, max_response_bytes=1000)
        assert error.kind == "response_too_large"
        assert not error.retry
        assert len(answer_of(handler, max_response_bytes=1100).body) > 1000


def test_a_length_past_the_limit_is_refused_before_any_of_the_body_came() -> None:
    async def promising(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1001"})
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    error = error_of(promising, max_response_bytes=1000, timeout_s=PATIENCE_S)
    assert error.kind == "response_too_large"


def test_the_size_is_that_of_the_unpacked_answer() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))
    half = gzip.decompress(bomb)
    assert len(half) < 60_000

    async def bombing(_: web.Request) -> web.StreamResponse:
        return web.Response(body=half, headers={"Content-Encoding": "gzip"})

    assert error_of(bombing, max_response_bytes=1_000_000).kind == "response_too_large"
    assert len(answer_of(bombing, max_response_bytes=50_000_000).body) == 50_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def test_unpacking_gives_what_is_left_inside_after_a_full_piece() -> None:
    size = 1024 * 1024 + 100
    unpack = decoder("deflate")
    pieces = list(unpack.feed(raw_deflate(bytes(size))))
    assert [len(piece) for piece in pieces] == [1024 * 1024, 100]
    assert unpack.complete


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"hello " * 1000)),
        ("x-gzip", gzip.compress(b"hello " * 1000)),
        ("GZIP", gzip.compress(b"hello " * 400) + gzip.compress(b"hello " * 600)),
        ("gzip", gzip.compress(b"hello " * 1000) + b"\0" * 20),
        ("deflate", zlib.compress(b"hello " * 1000)),
        ("deflate", raw_deflate(b"hello " * 1000)),
        ("identity", b"hello " * 1000),
    ],
    # Not by the bytes, which hold the time: every process has to give the tests the same names.
    ids=["gzip", "x-gzip", "two in one", "padded", "zlib", "raw", "identity"],
)
def test_an_encoded_answer_is_unpacked(encoding: str, packed: bytes) -> None:
    async def packing(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": encoding})
        await response.prepare(request)
        for start in range(0, len(packed), 7):
            await response.write(packed[start : start + 7])
        return response

    assert answer_of(packing).body == b"hello " * 1000


def test_an_encoding_that_is_not_undone_is_an_error_that_names_it() -> None:
    async def packing(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x01\x02", headers={"Content-Encoding": "zz"})

    error = error_of(packing)
    assert (error.kind, "'zz'" in str(error)) == ("invalid_response", True)


def test_an_encoded_answer_that_is_broken_or_cut_is_an_error() -> None:
    async def broken(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})

    async def cut(_: web.Request) -> web.StreamResponse:
        packed = gzip.compress(b"hello " * 1000)[:-9]
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert error_of(broken).kind == "invalid_response"
    error = error_of(cut)
    assert (error.kind, error.retry) == ("connection", True)


def test_an_answer_to_head_has_no_body_to_unpack_or_measure() -> None:
    async def scenario() -> None:
        async def large(_: web.Request) -> web.StreamResponse:
            return web.Response(body=gzip.compress(b"x"), headers={"Content-Encoding": "gzip"})

        async with serving(large) as server:
            request = HttpRequest("HEAD", server.url("/"), max_response_bytes=1)
            assert (await fetch(server, request)).body == b""

    asyncio.run(scenario())


def test_a_silent_server_is_given_up_and_may_be_tried_again() -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    error = error_of(silent, timeout_s=0.1)
    assert (error.kind, error.retry) == ("timeout", True)
    assert "0.1 s" in error.message


def test_the_time_limit_covers_a_body_that_never_ends() -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.Event().wait()
        return response

    assert error_of(dripping, timeout_s=0.1).kind == "timeout"


def test_a_closed_port_is_a_connection_error_without_the_address() -> None:
    async def scenario() -> None:
        # Nobody listens there, and nobody can begin to meanwhile.
        away = Server(free_port(), "http")
        error = await failing(away, HttpRequest("GET", away.url("/?key=s3cret")))
        assert (error.kind, error.retry) == ("connection", True)
        assert "s3cret" not in error.message

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"", "connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", "connection"),
        (b"+OK this is no HTTP\r\n\r\n", "invalid_response"),
    ],
)
def test_a_server_that_breaks_off_or_speaks_otherwise(sent: bytes, kind: str) -> None:
    async def scenario() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(sent)
            await writer.drain()
            writer.close()

        listener = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        server = Server(port, "http")
        error = await failing(server, HttpRequest("POST", server.url("/")))
        assert error.kind == kind
        assert error.retry is (kind == "connection")
        listener.close()

    asyncio.run(scenario())


def test_a_name_that_does_not_exist_is_told_from_a_name_service_that_fails() -> None:
    import socket

    async def scenario(code: int) -> NodeError:
        def lookup(host: str, port: int) -> list[str]:
            raise OSError(code, "lookup failed")

        client = OutboundClient(AddressPolicy(), lookup=lookup)
        with pytest.raises(NodeError) as caught:
            await client.send(HttpRequest("GET", "http://nowhere.test/"))
        await client.close()
        return caught.value

    missing = asyncio.run(scenario(socket.EAI_NONAME))
    passing = asyncio.run(scenario(socket.EAI_AGAIN))
    assert (missing.kind, missing.retry) == ("dns", False)
    assert (passing.kind, passing.retry) == ("dns", True)
    assert "nowhere.test" in missing.message


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GE T", {}),
        ("CONNECT", {}),
        ("GET", {"X-A": "1\r\nX-B: s3cret"}),
        ("GET", {"X A": "1"}),
        ("GET", {"X-A": "s3cret\0"}),
        ("GET", {"Host": "169.254.169.254"}),
    ],
)
def test_what_http_cannot_carry_is_refused_without_repeating_it(
    method: str, headers: dict[str, str]
) -> None:
    async def scenario() -> None:
        async with serving(echo) as server:
            error = await failing(server, HttpRequest(method, server.url("/"), headers))
            assert error.kind == "invalid_request"
            assert "s3cret" not in error.message
            assert server.seen == []

    asyncio.run(scenario())


def self_signed(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    both.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, both


def test_certificates_are_checked_against_the_name_unless_told_otherwise(tmp_path: Path) -> None:
    context, pem = self_signed(tmp_path, "good.test")

    async def scenario() -> None:
        async with serving(echo, tls=context) as server:

            def lookup(host: str, port: int) -> list[str]:
                return ["127.0.0.1"]

            trusting = ssl.create_default_context(cafile=pem)
            good = HttpRequest("GET", server.url("/", "good.test"))
            bad = HttpRequest("GET", server.url("/", "bad.test"))
            policy = AddressPolicy((server.service,))
            client = OutboundClient(policy, lookup=lookup, tls=trusting)
            strict = OutboundClient(policy, lookup=lookup)
            try:
                assert (await client.send(good)).status == 200
                for who, request in ((client, bad), (strict, good)):
                    with pytest.raises(NodeError) as caught:
                        await who.send(request)
                    assert (caught.value.kind, caught.value.retry) == ("tls", False)
                unverified = HttpRequest("GET", bad.url, verify_tls=False)
                assert (await strict.send(unverified)).status == 200
                # The unverified connection is not handed to a request that wants it verified.
                with pytest.raises(NodeError):
                    await strict.send(bad)
            finally:
                await client.close()
                await strict.close()

    asyncio.run(scenario())
