"""The way out of a sandbox: only where the step's list says, and never to a private address."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_runner.egress.client_hello import NotTls, handshake_in, server_name
from sandbox_runner.egress.destinations import BadDestination, read_destinations
from sandbox_runner.egress.network_sessions import Caps
from tests.sandbox_runner.egress_world import (
    Server,
    World,
    body_of,
    make_certificate,
    read_all,
    status_of,
)
from tests.waiting import PATIENCE_S

HOST = "api.example.test"


@pytest.fixture(scope="module")
def plain() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def encrypted(certificates: tuple[Path, Path]) -> Iterator[Server]:
    server = Server(certificates[1])
    yield server
    server.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "net")
    yield found
    found.close()


def test_a_listed_host_is_reached_and_metered(world: World, plain: Server) -> None:
    world.admit(f"{HOST}:{plain.port}")
    answer = world.send(f"GET http://{HOST}:{plain.port}/a?b=c", "X-Mine: 1")
    assert status_of(answer) == 200
    said = body_of(answer)
    assert (said["path"], said["headers"]["x-mine"]) == ("/a?b=c", "1")
    assert said["headers"]["host"] == f"{HOST}:{plain.port}"
    assert "proxy-authorization" not in said["headers"]
    (host,) = world.dismiss()
    assert (host["host"], host["port"], host["allowed"]) == (HOST, plain.port, True)
    assert host["bytes_in"] >= len(answer) - 200
    assert host["bytes_out"] > 0


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 5", b"hello"),
        ("Transfer-Encoding: chunked", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    ],
    ids=["length", "chunked"],
)
def test_bodies_are_passed_on_whole(world: World, plain: Server, framing: str, body: bytes) -> None:
    world.admit(f"{HOST}:{plain.port}")
    answer = world.send(f"POST http://{HOST}:{plain.port}/", framing, body=body)
    assert body_of(answer)["body"] == "hello"


REFUSED = [
    "www.example.test:{port}",
    "api.example.test:1",
    "xapi.example.test:{port}",
    "api.example.test.evil.test:{port}",
    "example.test:{port}",
    "127.0.0.1:{port}",
    "2130706433:{port}",
    "0x7f.1:{port}",
    "[::1]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "localhost:{port}",
    "169.254.169.254:80",
]


@pytest.mark.parametrize("target", REFUSED)
def test_whatever_is_not_listed_is_refused_and_noted(
    world: World, plain: Server, target: str
) -> None:
    world.admit(f"{HOST}:{plain.port}")
    target = target.format(port=plain.port)
    status, connection = world.tunnel(target)
    connection.close()
    assert status == 403
    assert status_of(world.send(f"GET http://{target}/")) == 403
    assert world.asked == []  # Not even its name was looked up: DNS carries nothing out.
    hosts = world.dismiss()
    assert [host["allowed"] for host in hosts] == [False]
    assert "list" in hosts[0]["reason"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:a9fe:a9fe::",
        "::7f00:1",
        "ff02::1",
    ],
)
def test_a_listed_name_that_leads_to_a_private_address_is_refused(
    tmp_path: Path, address: str
) -> None:
    world = World(tmp_path / "net", (), lookup=lambda host, port: [address])
    try:
        world.admit(f"{HOST}:80", f"{HOST}:443")
        for target in (f"{HOST}:80", f"{HOST}:443"):
            status, connection = world.tunnel(target)
            connection.close()
            assert status == 403
        assert status_of(world.send(f"GET http://{HOST}/")) == 403
        reasons = {host["reason"] for host in world.dismiss()}
        assert all(reason.startswith("it is a") for reason in reasons)
        assert not any(address in reason for reason in reasons)
    finally:
        world.close()


def test_a_private_address_that_is_listed_but_not_allowed_by_the_instance_is_refused(
    tmp_path: Path, plain: Server
) -> None:
    world = World(tmp_path / "net", ())
    try:
        world.admit(f"127.0.0.1:{plain.port}")
        assert status_of(world.send(f"GET http://127.0.0.1:{plain.port}/")) == 403
        assert status_of(world.send(f"GET http://0x7f000001:{plain.port}/")) == 403
    finally:
        world.close()


def test_a_name_that_changes_its_address_gains_nothing(tmp_path: Path, plain: Server) -> None:
    """The first look-up is public, every later one loopback: only the first is ever made."""
    answers = iter([["192.0.2.1", "203.0.113.9"], ["127.0.0.1"]])
    made: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        made.append(host)
        return next(answers)

    world = World(tmp_path / "net", (), lookup=changing)
    try:
        world.admit(f"{HOST}:{plain.port}")
        # Documentation addresses stand for public ones here: refused, and never asked for again.
        assert status_of(world.send(f"GET http://{HOST}:{plain.port}/")) == 403
        assert made == [HOST]
        # A second request is a second look-up, whose address is checked in its turn.
        assert status_of(world.send(f"GET http://{HOST}:{plain.port}/")) == 403
    finally:
        world.close()


def test_of_a_names_addresses_only_the_allowed_ones_are_dialled(
    tmp_path: Path, plain: Server
) -> None:
    world = World(
        tmp_path / "net", ("127.0.0.1",), lookup=lambda host, port: ["127.0.0.2", "127.0.0.1"]
    )
    try:
        world.admit(f"{HOST}:{plain.port}")
        assert status_of(world.send(f"GET http://{HOST}:{plain.port}/")) == 200
    finally:
        world.close()


def test_no_token_a_wrong_one_and_that_of_a_run_that_is_over_open_nothing(
    world: World, plain: Server, tmp_path: Path
) -> None:
    other = World(tmp_path / "other")
    try:
        foreign = other.admit(f"{HOST}:{plain.port}").token
        old = world.admit(f"{HOST}:{plain.port}").token
        world.dismiss()
        url = f"GET http://{HOST}:{plain.port}/"
        assert status_of(world.send(url, token=old)) == 407
        world.admit(f"{HOST}:{plain.port}")
        for token in (old, foreign, "guess"):
            assert status_of(world.send(url, token=token)) == 407
            status, connection = world.tunnel(f"{HOST}:{plain.port}", token)
            connection.close()
            assert status == 407
        with world.connection() as connection:
            connection.sendall(f"{url} HTTP/1.1\r\n\r\n".encode())
            assert status_of(read_all(connection)) == 407
        assert world.dismiss() == []
    finally:
        other.close()


def test_connections_end_with_their_run(world: World, plain: Server) -> None:
    world.admit(f"{HOST}:{plain.port}")
    status, connection = world.tunnel(f"{HOST}:{plain.port}")
    assert status == 200
    world.dismiss()
    with connection:
        assert read_all(connection) == b""


def hello(name: str | None) -> bytes:
    """Return what a TLS client says first."""
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    client = context.wrap_bio(inside, outside, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outside.read()


def hidden_hello() -> bytes:
    """Return a TLS greeting that says it encrypts the name which it really asks for."""
    message = bytearray(handshake_in(hello(HOST)) or b"")
    extension = struct.pack(">HH", 0xFE0D, 4) + b"\0\0\0\0"
    message += extension
    # Three lengths hold it: that of the extensions, of the message, and of the record.
    place = 4 + 2 + 32
    place += 1 + message[place]
    place += 2 + int.from_bytes(message[place : place + 2], "big")
    place += 1 + message[place]
    length = int.from_bytes(message[place : place + 2], "big") + len(extension)
    message[place : place + 2] = length.to_bytes(2, "big")
    message[1:4] = (len(message) - 4).to_bytes(3, "big")
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + bytes(message)


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (hello("www.example.test"), "TLS asks for 'www.example.test'"),
        (hidden_hello(), "hides the name"),
        (b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\xff", "cannot be read"),
    ],
    ids=["another host", "an encrypted name", "nonsense"],
)
def test_a_tunnel_in_which_tls_asks_for_another_host_is_cut(
    world: World, encrypted: Server, greeting: bytes, reason: str
) -> None:
    target = f"{HOST}:{encrypted.port}"
    world.admit(target)
    status, connection = world.tunnel(target)
    assert status == 200
    with connection:
        connection.sendall(greeting)
        assert read_all(connection) == b""
    refused = [host for host in world.dismiss() if not host["allowed"]]
    assert reason in refused[0]["reason"]


def test_a_greeting_in_many_small_records_is_read_as_one() -> None:
    whole = handshake_in(hello(HOST))
    assert whole is not None
    records = b"".join(
        b"\x16\x03\x01" + len(whole[n : n + 7]).to_bytes(2, "big") + whole[n : n + 7]
        for n in range(0, len(whole), 7)
    )
    assert handshake_in(records) == whole
    assert handshake_in(records[:-1]) is None
    assert server_name(whole) == HOST
    for cut in range(5, len(whole)):
        with contextlib.suppress(NotTls):
            assert server_name(whole[:cut]) in (None, HOST)


def test_tls_through_a_tunnel_ends_at_the_host_itself(
    world: World, encrypted: Server, certificates: tuple[Path, Path]
) -> None:
    world.admit(f"{HOST}:{encrypted.port}")
    _, connection = world.tunnel(f"{HOST}:{encrypted.port}")
    context = ssl.create_default_context(cafile=str(certificates[0]))
    with context.wrap_socket(connection, server_hostname=HOST) as secure:
        secure.sendall(f"GET /t HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        said = body_of(read_all(secure))
    assert said["tls"] is True
    assert said["path"] == "/t"


@pytest.mark.parametrize("way", ["tunnel", "url"])
def test_traffic_past_the_cap_is_cut_off(tmp_path: Path, plain: Server, way: str) -> None:
    world = World(tmp_path / "net", caps=Caps(bytes_in=300_000))
    try:
        world.admit(f"{HOST}:{plain.port}")
        if way == "url":
            answer = world.send(f"GET http://{HOST}:{plain.port}/big/2000000")
        else:
            _, connection = world.tunnel(f"{HOST}:{plain.port}")
            with connection:
                connection.sendall(b"GET /big/2000000 HTTP/1.1\r\nHost: a\r\n\r\n")
                answer = read_all(connection)
        assert 0 < len(answer) <= 300_000
        assert status_of(world.send(f"GET http://{HOST}:{plain.port}/")) == 429
        reasons = [host["reason"] for host in world.dismiss()]
        assert "cut off after 300000 bytes in" in reasons
        assert "the run has used all of its traffic" in reasons
    finally:
        world.close()


def test_a_run_makes_only_so_many_connections(tmp_path: Path, plain: Server) -> None:
    world = World(tmp_path / "net", caps=Caps(connections=3))
    try:
        world.admit(f"{HOST}:{plain.port}")
        url = f"GET http://{HOST}:{plain.port}/"
        assert [status_of(world.send(url)) for _ in range(5)] == [200, 200, 200, 429, 429]
    finally:
        world.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n",
        b"GET ftp://api.example.test/ HTTP/1.1\r\n",
        b"GET http://user@api.example.test/ HTTP/1.1\r\n",
        b"GET http://api.example.test:99999/ HTTP/1.1\r\n",
        b"GET http://api.example.test\\@evil.test/ HTTP/1.1\r\n",
        b"CONNECT api.example.test HTTP/1.1\r\n",
        b"CONNECT :80 HTTP/1.1\r\n",
        b"CONNECT 1.2.3.4.5:80 HTTP/1.1\r\n",
        b"GET  http://api.example.test/ HTTP/1.1\r\n",
        b"GET http://api.example.test/ HTTP/2.0\r\n",
        b"GET http://api.example.test/ HTTP/1.1\r\nBad Header: 1\r\n",
        b"GET http://api.example.test/ HTTP/1.1\r\nX: a\x00b\r\n",
    ],
)
def test_a_request_that_can_be_read_two_ways_is_refused(world: World, request_: bytes) -> None:
    world.admit("api.example.test:80")
    token = world.head("x").split(b"\r\n")[1]
    with world.connection() as connection:
        connection.sendall(request_ + token + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert status_of(read_all(connection)) == 400
    assert world.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 3", "Transfer-Encoding: chunked"),
        ("Content-Length: 3", "Content-Length: 4"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Content-Length: +3",),
        ("Content-Length: 3, 3",),
        ("Content-Length: 1000000000000000",),
    ],
)
def test_a_body_of_unclear_length_is_refused_before_its_host_hears_of_it(
    world: World, plain: Server, headers: tuple[str, ...]
) -> None:
    world.admit(f"{HOST}:{plain.port}")
    answer = world.send(f"POST http://{HOST}:{plain.port}/", *headers, body=b"0\r\n\r\n")
    assert status_of(answer) == 400
    assert world.asked == []


def test_what_follows_a_request_is_not_a_second_one(world: World, plain: Server) -> None:
    world.admit(f"{HOST}:{plain.port}")
    second = b"GET /second HTTP/1.1\r\nHost: other.example.test\r\n\r\n"
    answer = world.send(f"GET http://{HOST}:{plain.port}/first", body=second)
    assert answer.count(b"HTTP/1.1 200") == 1
    assert body_of(answer)["path"] == "/first"


@pytest.mark.parametrize(
    ("patterns", "host", "port", "allowed"),
    [
        (["*.example.com:443"], "a.b.example.com", 443, True),
        (["*.example.com:443"], "example.com", 443, False),
        (["*.example.com:443"], "badexample.com", 443, False),
        (["example.com:*"], "example.com", 25, True),
        (["Example.COM.:443"], "example.com", 443, True),
        (["127.1:80"], "127.0.0.1", 80, True),
        (["[0:0::1]:80"], "::1", 80, True),
    ],
)
def test_patterns_name_destinations(
    patterns: list[str], host: str, port: int, allowed: bool
) -> None:
    assert read_destinations(patterns).allow(host, port) is allowed


@pytest.mark.parametrize(
    "text", ["", "example.com", "*:443", "exa mple.com:1", "a:0", "a:65536", "a:b", "*.*.com:1"]
)
def test_what_is_no_destination_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadDestination, match=r"api\.example\.com:443"):
        read_destinations([text])


def test_lists_with_the_same_destinations_have_the_same_digest() -> None:
    one, same, other = (
        read_destinations(texts).digest for texts in (["a:1", "b:2"], ["B:2", "a:1"], ["a:1"])
    )
    assert one == same != other


LIBRARIES = {
    "urllib": (
        "import urllib.request\ndef get(url):\n"
        "    return urllib.request.urlopen(url, timeout=100).read()"
    ),
    "requests": "import requests\ndef get(url):\n    return requests.get(url, timeout=100).content",
}
GUEST = """
import json, os, sys
from sandbox_runner.guest import network
network.CERTIFICATES = sys.argv[3]
proxy, _ = network.open_for({"token": sys.argv[1]}, sys.argv[2])
%s
found = []
for url in sys.argv[4:]:
    try:
        found.append(json.loads(get(url)))
    except Exception as error:
        found.append({"error": str(error)})
proxy.stop()
print(json.dumps(found))
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_http_libraries_find_the_way_out_unchanged(
    world: World,
    plain: Server,
    encrypted: Server,
    certificates: tuple[Path, Path],
    library: str,
) -> None:
    token = world.admit(f"{HOST}:{plain.port}", f"{HOST}:{encrypted.port}").token
    urls = [
        f"http://{HOST}:{plain.port}/plain",
        f"https://{HOST}:{encrypted.port}/encrypted",
        f"https://www.example.test:{encrypted.port}/",
        f"http://{HOST}:{plain.port}/to/http://www.example.test:{plain.port}/",
    ]
    done = subprocess.run(
        [
            *(sys.executable, "-c", GUEST % LIBRARIES[library]),
            *(token, str(world.socket), str(certificates[0]), *urls),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [answer.get("path") for answer in found] == ["/plain", "/encrypted", None, None]
    assert found[1]["tls"] is True
    assert "403" in found[2]["error"]
    assert [h["host"] for h in world.dismiss() if not h["allowed"]] == ["www.example.test"] * 2
