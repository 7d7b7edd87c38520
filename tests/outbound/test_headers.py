"""Headers as servers really send them."""

from __future__ import annotations

import asyncio

import pytest

from layers.contract import HttpRequest, HttpResponse, NodeError
from layers.outbound import AddressPolicy, OutboundClient
from tests.outbound.wire import moved, page, wire


def fetched(answer: bytes, path: str = "/") -> HttpResponse:
    async def scenario() -> HttpResponse:
        async with wire(lambda head: answer if b" /end" not in head else page()) as server:
            client = OutboundClient(AddressPolicy((server.service,)))
            try:
                return await client.send(HttpRequest("GET", server.url(path)))
            finally:
                await client.close()

    return asyncio.run(scenario())


def refused(answer: bytes) -> NodeError:
    with pytest.raises(NodeError) as caught:
        fetched(answer)
    return caught.value


def test_a_header_of_64_kilobytes_is_taken_in_every_place() -> None:
    long = b"x" * 60_000
    assert (
        fetched(page(b"Content-Security-Policy: " + long + b"\r\n")).headers[
            "content-security-policy"
        ]
        == long.decode()
    )
    cookie = b"Set-Cookie: c=" + long + b"\r\n"
    assert fetched(page(cookie)).set_cookies == (f"c={long.decode()}",)
    assert fetched(moved(b"/end", cookie)).status == 200
    assert fetched(moved(b"/end?" + long)).status == 200
    assert fetched(page(status=b"200 " + long)).status == 200
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(200))
    assert len(fetched(page(many)).headers) > 200


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"X-Long: " + b"x" * 70_000 + b"\r\n", "a header, or the status line, is longer than 64"),
        (b"Set-Cookie: " + b"x" * 70_000 + b"\r\n", "a header, or the status line, is longer than"),
        (b"".join(b"X-%d: 1\r\n" % number for number in range(400)), "more than 256 headers"),
    ],
    ids=["long header", "long cookie", "many headers"],
)
def test_beyond_that_the_error_names_what_is_too_long(head: bytes, words: str) -> None:
    error = refused(page(head))
    assert (error.kind, error.retry) == ("invalid_response", False)
    assert words in error.message


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"X-A: caf\xc3\xa9", "café"),
        (b"X-A: caf\xe9", "café"),
        (b"x-a:1", "1"),
        (b"X-A:   1  ", "1"),
        (b"X-A: 1\r\nx-A: 2", "1, 2"),
        (b"X-A:", ""),
    ],
    ids=["utf-8", "latin-1", "no blank", "blanks", "twice", "empty"],
)
def test_a_header_is_read_in_the_ways_in_which_it_is_written(line: bytes, value: str) -> None:
    assert fetched(page(line + b"\r\n")).headers["x-a"] == value


def test_of_several_content_types_the_last_one_counts() -> None:
    head = b"Content-Type: text/html\r\nContent-Type: application/json\r\n"
    assert fetched(page(head)).headers["content-type"] == "application/json"


@pytest.mark.parametrize("line", [b"200", b"200 ", b"200 Alles  gut"])
def test_a_status_needs_no_reason(line: bytes) -> None:
    assert fetched(page(status=line, body=b"x")).body == b"x"


def test_a_folded_header_is_one_line() -> None:
    assert fetched(page(b"X-A: 1;\r\n  2\r\n")).headers["x-a"] == "1;  2"


def test_two_lengths_that_differ_are_no_answer() -> None:
    assert refused(page(b"Content-Length: 7\r\n", b"x")).kind == "invalid_response"
