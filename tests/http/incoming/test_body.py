"""Bytes and headers become a body and files, by the media type, the charset and the coding."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from dataclasses import replace
from typing import Any

import brotli
import pytest
from starlette.datastructures import Headers

from functions.http.incoming import Body, Received, Upload, read_body
from layers.errors import TreadleError
from layers.settings import LimitSettings

LIMITS = LimitSettings(body_bytes=4 * 1024 * 1024)
BOUNDARY = "multipart/form-data; boundary=xx"


def read(content: bytes, kind: str = "", path: str = "in/hook", **headers: str) -> Body:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        given["content-type"] = kind
    return asyncio.run(read_body(Received(Headers(given), content, path), LIMITS))


def refused(content: bytes, kind: str = "", **headers: str) -> TreadleError:
    with pytest.raises(TreadleError) as caught:
        read(content, kind, **headers)
    return caught.value


def parts(*written: str | bytes) -> bytes:
    made = [one.encode() if isinstance(one, str) else one for one in written]
    return b"".join(b"--xx\r\n" + one + b"\r\n" for one in made) + b"--xx--\r\n"


@pytest.mark.parametrize(
    ("kind", "content", "value"),
    [
        ("application/json", b'{"a": 1}', {"a": 1}),
        ("text/json", b'{"a": 1}', {"a": 1}),
        ("application/csp-report", b'{"a": 1}', {"a": 1}),
        ("application/reports+json", b"[1]", [1]),
        ("application/x-ndjson", b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        ("application/jsonl", b"1\r\n\r\n2", [1, 2]),
        ("application/graphql", b"{ me }", "{ me }"),
        ("application/yaml", b"a: 1", "a: 1"),
        ("text/plain", b"hello", "hello"),
        ("application/xml", b"<a/>", "<a/>"),
        ("", b'{"a": 1}', {"a": 1}),
        ("", b"hello", "hello"),
        ("application/json", b"", None),
        ("application/json", b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("application/json", '{"a": "ä"}'.encode("utf-16"), {"a": "ä"}),
        ("application/json", '{"a": "ä"}'.encode("utf-16-be"), {"a": "ä"}),
        ("application/json; charset=latin-1", b'{"a": "\xe4"}', {"a": "ä"}),
        ("application/json", b'{"text":"Party \\ud83c"}', {"text": "Party \ufffd"}),
        ("application/json", b"[18446744073709551616]", [18446744073709551616]),
        ("text/plain; charset=iso-8859-1", b"\xe4", "ä"),
        ("text/plain; charset=shift_jis", b"\x83e\x83X\x83g", "テスト"),
        ("text/csv", b"\xef\xbb\xbfa;b", "a;b"),
        ("application/x-www-form-urlencoded", b"a=1&b=2&a=3", {"a": ["1", "3"], "b": "2"}),
        ("application/x-www-form-urlencoded", b"a=&b&=c", {"a": "", "b": "", "": "c"}),
        ("application/x-www-form-urlencoded", b"\xef\xbb\xbfa=1", {"a": "1"}),
        ("application/x-www-form-urlencoded; charset=latin-1", b"a=%E4+%2B", {"a": "ä +"}),
        ("application/x-www-form-urlencoded", b"a=%C3%A4", {"a": "ä"}),
    ],
)
def test_bodies_that_have_a_value(kind: str, content: bytes, value: Any) -> None:
    assert read(content, kind) == Body(value)


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b'{"a": NaN}', 400),
        ("application/json", b"[1e400]", 400),
        ("application/json; charset=punycode", b'{"a": 1}', 415),
        ("application/x-ndjson", b"1\nx", 400),
        ("text/plain", b"\xff", 400),
        ("text/plain; charset=undefined", b"a", 415),
        ("text/plain; charset=idna", b"a", 415),
        ("text/plain; charset=utf-7", b"a", 415),
        ("text/plain; charset=nonsense", b"a", 415),
        ("application/x-www-form-urlencoded", b"a=%ff", 400),
        ("application/x-www-form-urlencoded; charset=punycode", b"a=b", 415),
        ("application/x-www-form-urlencoded", b"a&" * 10_001, 413),
        ("application/json", b"[" * 100_000, 422),
        ("application/json", b"[" * 65 + b"]" * 65, 422),
        ("application/json", b"[" + b"[]," * 250_000 + b"1]", 413),
        ("application/json", ("[" + "1," * 250_000 + "1]").encode("utf-16-le"), 413),
        ("application/x-ndjson", b"1\n" * 250_000, 413),
    ],
    ids=range(18),
)
def test_bodies_that_are_refused(kind: str, content: bytes, status: int) -> None:
    assert refused(content, kind).status == status


@pytest.mark.parametrize(
    "text",
    ['a,[{"' * 60_000, 'x\\",' * 90_000, "\\\\", ',\\\\\\"[' * 60_000],
    ids=range(4),
)
def test_what_stands_within_texts_is_no_value(text: str) -> None:
    import json

    assert read(json.dumps([text] * 2).encode(), "application/json").value == [text] * 2


@pytest.mark.parametrize("end", [b"", b'\\"', b"\\\\"], ids=["plain", "quote", "backslash"])
def test_values_after_a_text_at_any_place_of_a_piece_are_counted(end: bytes) -> None:
    for more in range(4):
        text = b'"' + b"a" * (1024 * 1024 - 4 + more) + end + b'"'
        content = b"[" + text + b",1" * 250_000 + b"]"
        assert refused(content, "application/json").status == 413


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("gzip", gzip.compress(b'{"a":1}')),
        ("x-gzip", gzip.compress(b'{"a":1}')),
        ("deflate", zlib.compress(b'{"a":1}')),
        ("br", brotli.compress(b'{"a":1}')),
        ("deflate, gzip", gzip.compress(zlib.compress(b'{"a":1}'))),
        ("GZIP , identity", gzip.compress(b'{"a":1}')),
        ("identity", b'{"a":1}'),
    ],
    ids=["gzip", "x-gzip", "deflate", "br", "two", "capitals", "identity"],
)
def test_codings_are_undone(coding: str, content: bytes) -> None:
    assert read(content, "application/json", content_encoding=coding).value == {"a": 1}


def test_what_came_out_empty_is_no_body() -> None:
    assert read(gzip.compress(b""), "application/json", content_encoding="gzip") == Body()


@pytest.mark.parametrize(
    ("coding", "content", "status"),
    [
        ("compress", b"x", 415),
        ("gzip, gzip, gzip, gzip, gzip", b"x", 415),
        ("gzip", b'{"a":1}', 400),
        ("gzip", gzip.compress(b'{"a":1}')[:-9], 400),
        ("gzip", gzip.compress(bytes(LIMITS.body_bytes + 1)), 413),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(LIMITS.body_bytes + 1))), 413),
        ("br", brotli.compress(bytes(LIMITS.body_bytes + 1)), 413),
    ],
    ids=["unknown", "many", "plain", "cut", "bomb", "twice", "brotli"],
)
def test_codings_that_are_refused(coding: str, content: bytes, status: int) -> None:
    assert refused(content, "text/plain", content_encoding=coding).status == status


def test_a_form_with_fields_and_a_file() -> None:
    content = parts(
        'Content-Disposition: form-data; name="title"\r\n\r\nHello',
        'Content-Disposition: form-data; name="doc"; filename="a.txt"\r\n'
        "Content-Type: text/plain\r\n\r\nhello world\n",
    )
    found = read(content, BOUNDARY)
    assert found == Body({"title": "Hello"}, (Upload("a.txt", "text/plain", b"hello world\n"),))


@pytest.mark.parametrize(
    ("headers", "name", "kind"),
    [
        ('form-data; name="f"; filename="a.png"', "a.png", "image/png"),
        ('form-data; name="f"; filename="a"', "a", "application/octet-stream"),
        ("form-data; name=\"f\"; filename*=UTF-8''%C3%A4.txt", "ä.txt", "text/plain"),
        ('form-data; name="f"; filename="ä.txt"', "ä.txt", "text/plain"),
        ('form-data; name="f"; filename="C:\\\\x\\\\b.txt"', "b.txt", "text/plain"),
        ('form-data; name="f"; filename="../../etc/passwd"', "passwd", "application/octet-stream"),
        ('form-data; name="f"; filename=""', "f", "application/octet-stream"),
        ('attachment; filename="b.txt"', "b.txt", "text/plain"),
    ],
)
def test_names_of_files(headers: str, name: str, kind: str) -> None:
    found = read(parts(f"Content-Disposition: {headers}\r\n\r\nx"), BOUNDARY)
    assert found.files == (Upload(name, kind, b"x"),)


def test_several_files_and_repeated_names_keep_their_order() -> None:
    def one(name: str, text: str, file: str = "") -> str:
        named = f'; filename="{file}"' if file else ""
        return f'Content-Disposition: form-data; name="{name}"{named}\r\n\r\n{text}'

    found = read(
        parts(one("a", "1"), one("f", "x", "1.txt"), one("a", "2"), one("f", "", "2.txt")), BOUNDARY
    )
    assert found.value == {"a": ["1", "2"]}
    assert [(file.name, file.content) for file in found.files] == [("1.txt", b"x"), ("2.txt", b"")]


def test_a_file_field_that_nobody_filled_in_is_no_file() -> None:
    empty = 'Content-Disposition: form-data; name="f"; filename=""\r\n'
    found = read(parts(f"{empty}Content-Type: application/octet-stream\r\n\r\n"), BOUNDARY)
    assert found == Body({})


def test_parts_are_read_by_their_own_types_and_charsets() -> None:
    found = read(
        parts(
            b'Content-Disposition: form-data; name="a"\r\n'
            b"Content-Type: text/plain; charset=latin-1\r\n\r\n\xe4",
            'Content-Disposition: form-data; name="b"\r\nContent-Type: application/json\r\n\r\n[1]',
            b'Content-Disposition: form-data; name="c"\r\nContent-Type: image/png\r\n\r\n\x89P',
        ),
        BOUNDARY,
    )
    assert found == Body({"a": "ä", "b": [1]}, (Upload("c", "image/png", b"\x89P"),))


def test_parts_without_names_are_a_list() -> None:
    content = b"A preamble.\r\n" + parts(
        "Content-Type: application/json\r\n\r\n[1]",
        "\r\nplain",
        b"Content-Type: application/pdf\r\n\r\n%PDF",
    )
    found = read(content, 'multipart/mixed; boundary="xx"')
    assert found == Body({"parts": [[1], "plain"]}, (Upload("file", "application/pdf", b"%PDF"),))


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x", "multipart/form-data", 400),
        (b"x", BOUNDARY, 400),
        (parts("\r\na").removesuffix(b"--xx--\r\n"), BOUNDARY, 400),
        (parts(*["\r\na"] * 1001), BOUNDARY, 413),
        (parts("A: b\r\n" * 30 + "\r\na"), BOUNDARY, 400),
        (parts("Content-Type: text/plain; charset=punycode\r\n\r\na"), BOUNDARY, 415),
        (b"x", f"multipart/form-data; boundary={'x' * 300}", 400),
        (b"x", "multipart/form-data; boundary=\xe4", 400),
    ],
    ids=range(8),
)
def test_multipart_that_is_refused(content: bytes, kind: str, status: int) -> None:
    assert refused(content, kind).status == status


@pytest.mark.parametrize(
    ("headers", "path", "name"),
    [
        ({}, "in/photo.png", "photo.png"),
        ({}, "in/ph%C3%B6to.png", "phöto.png"),
        ({}, "", "file"),
        ({"content_disposition": 'attachment; filename="b.png"'}, "in/x", "b.png"),
        ({"content_disposition": "inline"}, "in/x", "x"),
    ],
)
def test_other_bytes_are_one_file(headers: dict[str, str], path: str, name: str) -> None:
    found = read(b"\x89PNG123", "image/png", path, **headers)
    assert found == Body(None, (Upload(name, "image/png", b"\x89PNG123"),))


def test_bytes_without_a_type_that_are_no_text_are_a_file() -> None:
    assert read(b"\x89PNG").files[0].media_type == "application/octet-stream"


def test_large_bodies_are_read_alike() -> None:
    text = "ä%" * 200_000
    form = "a=" + text.replace("%", "%25").replace("ä", "%C3%A4")
    assert read(form.encode(), "application/x-www-form-urlencoded").value == {"a": text}
    assert read(text.encode("cp1252"), "text/plain; charset=cp1252").value == text


def test_the_limits_are_the_instances() -> None:
    small = replace(LIMITS, json_values=5, json_depth=1)
    received = Received(Headers({"content-type": "application/json"}), b"[[1]]", "x")
    with pytest.raises(TreadleError, match="not valid"):
        asyncio.run(read_body(received, small))
