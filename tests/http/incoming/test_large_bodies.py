"""Bodies that are too large for the memory say the same as small ones do."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request

from functions.http.incoming import (
    Received,
    Spooled,
    arrive,
    keep_uploads,
    parts,
    read_body,
    spooled,
)
from functions.http.incoming.arrival import HEAD
from functions.http.incoming.spooled import spool
from layers.artifacts import StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.credentials.hmac_signature import Scheme, Signed
from layers.errors import TreadleError
from layers.settings import LimitSettings

LIMITS = LimitSettings(body_bytes=2 * HEAD, upload_bytes=8 * HEAD)
BOUNDARY = "multipart/form-data; boundary=xx"
BINARY = b"\x00\xff" * (2 * HEAD)


def part(head: str, content: bytes) -> bytes:
    return b"--xx\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


FILE = 'Content-Disposition: form-data; name="doc"; filename="a.bin"\r\nContent-Type: x/y'
FIELD = 'Content-Disposition: form-data; name="note"'


async def _arrive(
    content: bytes, kind: str, announces: bool = True, in_memory: bool = False, **headers: str
) -> tuple[Headers, bytes | Spooled]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        named["content-type"] = kind
    if announces:
        named["content-length"] = str(len(content))
    at = 0

    async def receive() -> dict[str, object]:
        nonlocal at
        at += 65536
        more = at < len(content)
        return {"type": "http.request", "body": content[at - 65536 : at], "more_body": more}

    found = Headers(named)
    request = Request({"type": "http", "headers": found.raw}, receive)
    return found, await arrive(request, LIMITS, in_memory=in_memory)


def arrived(content: bytes, kind: str, **options: object) -> bytes | Spooled:
    return asyncio.run(_arrive(content, kind, **options))[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("announces", [True, False])
def test_only_large_files_are_put_aside(announces: bool) -> None:
    text = b"a" * (HEAD + 5)
    for content, kind in ((text, "text/plain"), (text, ""), (b"\x00" * 9, "x/y"), (b"", "x/y")):
        assert arrived(content, kind, announces=announces) == content
    for kind in ("image/png", "", BOUNDARY):
        found = arrived(BINARY, kind, announces=announces)
        assert isinstance(found, Spooled)
        assert (len(found), found.whole()) == (len(BINARY), BINARY)
        found.close()
    some = BINARY[: 2 * HEAD]
    assert arrived(some, "image/png", announces=announces, in_memory=True) == some


@pytest.mark.parametrize("announces", [True, False])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_value_is_never_larger_than_the_memory_is_to_hold(kind: str, announces: bool) -> None:
    with pytest.raises(TreadleError) as caught:
        arrived(b"1" * (2 * HEAD + 1), kind, announces=announces)
    assert caught.value.status == 413


def read(content: bytes, kind: str, **headers: str) -> tuple[object, list[tuple[str, bytes]]]:
    """The value, and name and bytes of each file after it was kept."""

    async def scenario() -> tuple[object, list[tuple[str, bytes]]]:
        found, body = await _arrive(content, kind, **headers)  # type: ignore[arg-type]
        assert isinstance(body, Spooled)
        made = await read_body(Received(found, body, "in/h"), LIMITS)
        files = StoredFiles(MemoryStore(), "w")
        kept = await keep_uploads(files, made.files)
        body.close()
        return made.value, [(one.name, await files.read(one)) for one in kept]

    return asyncio.run(scenario())


def test_a_large_file_is_kept_as_it_came() -> None:
    assert read(BINARY, "image/png") == (None, [("h", BINARY)])
    assert read(BINARY, "") == (None, [("h", BINARY)])


def test_a_coded_file_is_unpacked_aside_and_no_further_than_is_allowed() -> None:
    coded = gzip.compress(BINARY, compresslevel=0)
    assert read(coded, "image/png", content_encoding="gzip") == (None, [("h", BINARY)])
    bomb = gzip.compress(bytes(9 * HEAD), compresslevel=0)
    with pytest.raises(TreadleError) as caught:
        read(bomb, "image/png", content_encoding="gzip")
    assert caught.value.status == 413


def test_large_files_of_a_form_stand_beside_its_fields() -> None:
    body = part(FIELD, b"hello") + part(FILE, BINARY) + part(FIELD, b"again") + b"--xx--\r\n"
    assert read(body, BOUNDARY) == ({"note": ["hello", "again"]}, [("a.bin", BINARY)])


def test_large_fields_of_a_form_are_bounded_as_values_are() -> None:
    text = b"a" * HEAD
    value, files = read(part(FIELD, text) + part(FILE, BINARY) + b"--xx--\r\n", BOUNDARY)
    assert (value, files) == ({"note": text.decode()}, [("a.bin", BINARY)])
    with pytest.raises(TreadleError) as caught:
        read(part(FIELD, text) * 3 + b"--xx--\r\n", BOUNDARY)
    assert caught.value.status == 413


def test_a_form_that_is_cut_is_refused() -> None:
    with pytest.raises(TreadleError) as caught:
        read(part(FILE, BINARY), BOUNDARY)
    assert caught.value.status == 400


@settings(max_examples=150, deadline=None)
@given(
    contents=st.lists(
        st.text("\r\n-x-a", max_size=60)
        .map(str.encode)
        .filter(lambda text: b"\r\n--xx" not in text),
        max_size=4,
    ),
    size=st.integers(1, 40),
    small=st.integers(0, 20),
)
def test_parts_are_found_wherever_pieces_end(contents: list[bytes], size: int, small: int) -> None:
    body = b"ahead\r\n" + b"".join(part(FILE, one) for one in contents) + b"--xx--\r\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spooled, "PIECE", max(size, 16))
        patch.setattr(parts, "SMALL", small)
        found = parts.read_parts(made := spool([body]), "xx")
        wholes = [
            one.content.whole() if isinstance(one.content, Spooled) else one.content
            for one in found
        ]
        made.close()
    assert wholes == contents


def test_a_signature_of_what_is_put_aside_is_checked_like_any_other() -> None:
    credential = {"secret": "s", "signed_text": "v0:{timestamp}:{body}", "timestamp_header": "T"}
    headers = Scheme(credential).prove(Signed(BINARY, Headers()), 1000.0)
    aside = spool([BINARY[:70_000], BINARY[70_000:]])
    genuine = Signed(aside, Headers(headers))
    assert Scheme(credential).is_genuine(genuine, 1000.0)
    assert not Scheme(credential).is_genuine(replace(genuine, content=aside.part(0, 100)), 1000.0)
    aside.close()


def test_where_the_machine_has_no_room_the_sender_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    with pytest.raises(TreadleError, match="later") as caught:
        arrived(BINARY, "image/png")
    assert caught.value.status == 503
