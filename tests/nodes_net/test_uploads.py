"""Files that go out: parts of a form, and the body alone; texts in the charset that is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from aiohttp import web
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from layers.contract import HttpRequest, Json, NodeError
from layers.outbound import AddressPolicy, OutboundClient
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes_net.exchange import run_async
from tests.outbound.server import serving

FILES = [
    ("a.png", "image/png", b"\x89PNG\x00\xff"),
    ('na"me\r\n ü中.txt', "text/plain; charset=utf-8", b"text"),
    ("odd", "x\r\nX-Evil: 1", b"--boundary\r\n"),
]


def sent(
    params: Mapping[str, Json], files: Sequence[tuple[str, str, bytes]] = FILES, times: int = 1
) -> list[HttpRequest]:
    async def scenario() -> list[HttpRequest]:
        client = ScriptedClient(always=answer())
        for _ in range(times):
            await run_async({"method": "POST", "url": "http://a.test/", **params}, [{}], client,
                            files=files)  # fmt: skip
        return client.requests

    return asyncio.run(scenario())


def refused(
    params: Mapping[str, Json], files: Sequence[tuple[str, str, bytes]] = FILES
) -> NodeError:
    with pytest.raises(NodeError) as caught:
        sent(params, files)
    return caught.value


def test_a_form_with_fields_and_files_arrives_at_a_server() -> None:
    found: list[tuple[str, str | None, str, bytes]] = []

    async def taking(request: web.Request) -> web.StreamResponse:
        async def body() -> AsyncIterator[bytes]:
            yield await request.read()

        form = await MultiPartParser(Headers(dict(request.headers)), body()).parse()
        for name, part in form.multi_items():
            if isinstance(part, str):
                found.append((name, None, "", part.encode()))
            else:
                kind = str(part.content_type)
                found.append((name, part.filename, kind, await part.read()))
        return web.Response(text="ok")

    async def scenario() -> None:
        async with serving(taking) as server:
            client = OutboundClient(AddressPolicy((server.service,)))
            body: Json = {
                "title": "Zoë",
                "n": 7,
                "tags": ["a", "b"],
                "none": None,
                "meta": {"k": [1]},
                "doc": {"file": "a.png"},
                "more": [{"file": FILES[1][0]}, {"file": "odd", "filename": "é.bin"}],
                "other": {"file": "a.png", "filename": "b.jpg", "media_type": "image/jpeg"},
                'fi"eld': "x",
            }
            params = {
                "method": "POST",
                "url": server.url("/up"),
                "body_type": "multipart",
                "body": body,
                "headers": {"content-type": "multipart/form-data"},
            }
            await run_async(params, [{}], client, files=FILES)
            await client.close()

    asyncio.run(scenario())
    assert found == [
        ("title", None, "", "Zoë".encode()),
        ("n", None, "", b"7"),
        ("tags", None, "", b"a"),
        ("tags", None, "", b"b"),
        ("meta", None, "", b'{"k":[1]}'),
        ("doc", "a.png", "image/png", FILES[0][2]),
        ("more", "na%22me%0D%0A ü中.txt", "text/plain; charset=utf-8", b"text"),
        ("more", "é.bin", "application/octet-stream", b"--boundary\r\n"),
        ("other", "b.jpg", "image/jpeg", FILES[0][2]),
        ("fi%22eld", None, "", b"x"),
    ]


def test_a_second_attempt_sends_the_same_bytes() -> None:
    first, second = sent({"body_type": "multipart", "body": {"doc": {"file": "a.png"}}}, times=2)
    assert first.body == second.body
    assert first.headers["Content-Type"] == second.headers["Content-Type"]


@pytest.mark.parametrize(
    ("params", "files", "content", "media_type"),
    [
        ({"body": "a.png"}, FILES, FILES[0][2], "image/png"),
        ({"body": {"file": "odd"}}, FILES, FILES[2][2], "application/octet-stream"),
        ({}, FILES[:1], FILES[0][2], "image/png"),
        ({"headers": {"Content-Type": "x/y"}}, FILES[:1], FILES[0][2], "x/y"),
    ],
    ids=["name", "object", "only one", "own type"],
)
def test_a_file_alone_is_the_body(
    params: dict[str, Json],
    files: Sequence[tuple[str, str, bytes]],
    content: bytes,
    media_type: str,
) -> None:
    [request] = sent({"body_type": "file", **params}, files)
    assert (request.body, request.headers["Content-Type"]) == (content, media_type)


@pytest.mark.parametrize(
    ("params", "files", "words"),
    [
        ({"body_type": "file"}, FILES, "has 3 files, so 'body' must name"),
        ({"body_type": "file"}, [], "has 0 files"),
        ({"body_type": "file", "body": "no.png"}, FILES, "'no.png'"),
        ({"body_type": "multipart", "body": {"d": {"file": "no.png"}}}, FILES, "field 'd' names"),
        ({"body_type": "multipart", "body": {"d": {"file": "x"}}}, [], "it has no files"),
        ({"body_type": "multipart", "body": "text"}, FILES, "object of fields"),
        ({"body_type": "multipart", "body": {"d": [[1]]}}, FILES, "field 'd'"),
    ],
)
def test_a_file_that_is_not_there_is_an_error_that_says_which_are(
    params: dict[str, Json], files: Sequence[tuple[str, str, bytes]], words: str
) -> None:
    error = refused(params, files)
    assert error.kind in ("body", "url")
    assert words in error.message


def test_expressions_see_the_files_of_their_item() -> None:
    [request] = sent(
        {
            "body_type": "multipart",
            "body": {
                "docs": "{{ [{'file': one.name} for one in files if one.size > 4] }}",
                "kinds": "{{ files[0].media_type }}",
            },
        }
    )
    assert request.body is not None
    assert request.body.count(b"filename=") == 2
    assert b"\r\n\r\nimage/png\r\n" in request.body


@pytest.mark.parametrize(
    ("body", "kind", "media_type", "content"),
    [
        ("é", "auto", "text/plain; charset=latin-1", b"\xe9"),
        ("é", "raw", 'text/csv;charset="ISO-8859-15"', b"\xe9"),
        ({"a": "é"}, "auto", "application/json; charset=latin-1", b'{"a":"\xe9"}'),
        ({"a": "€"}, "json", "application/json; charset=latin-1", b'{"a":"\\u20ac"}'),
        ({"é": "é"}, "form", "application/x-www-form-urlencoded; charset=latin-1", b"%E9=%E9"),
        ("é", "auto", "text/plain", "é".encode()),
        ("é", "auto", "text/plain; charset=utf-16le", "é".encode("utf-16-le")),
    ],
)
def test_a_text_goes_out_in_the_charset_that_its_header_names(
    body: Json, kind: str, media_type: str, content: bytes
) -> None:
    [request] = sent({"body": body, "body_type": kind, "headers": {"Content-type": media_type}}, [])
    assert (request.body, request.headers["Content-type"]) == (content, media_type)


@pytest.mark.parametrize(
    ("charset", "words"), [("latin-1", "'€' (U+20AC"), ("punycode", "'punycode'")]
)
def test_a_letter_that_the_charset_lacks_is_an_error(charset: str, words: str) -> None:
    error = refused({"body": "a€", "headers": {"Content-Type": f"text/plain; charset={charset}"}})
    assert error.kind == "body"
    assert words in error.message
