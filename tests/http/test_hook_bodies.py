"""What a webhook makes of the bodies that are sent to it, and where it keeps their files."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from functions.parts import Parts
from layers.artifacts.port import StorageFull
from layers.engine.item_codec import decode_items
from layers.ids import new_id
from tests.asgi_client import Answer
from tests.conftest import Person
from tests.http.listening import executions, listen

PNG = b"\x89PNG123"
FORM = (
    b'--xx\r\nContent-Disposition: form-data; name="title"\r\n\r\nHello\r\n'
    b'--xx\r\nContent-Disposition: form-data; name="doc"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello world\n\r\n--xx--\r\n"
)


def send(person: Person, path: str, content: bytes, kind: str, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"/hooks/{path}"
    other = person.browser.as_other()
    return other.post(address, content=content, headers={"Content-Type": kind, **given})


def event(parts: Parts) -> Any:
    """The item of the only event."""
    with parts.database.reading() as connection:
        (row,) = connection.exec_driver_sql("SELECT payload FROM events").all()
    (item,) = decode_items(row.payload)
    return item


@pytest.mark.parametrize(
    ("content", "kind", "coding", "body"),
    [
        (b'{"a": 1}', "application/json", "", {"a": 1}),
        (gzip.compress(b'{"a": 1}'), "application/json", "gzip", {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', "application/json", "", {"a": 1}),
        (b'{"a": 1}', "text/json", "", {"a": 1}),
        (b'{"a":1}\n{"a":2}\n', "application/x-ndjson", "", [{"a": 1}, {"a": 2}]),
        (b'{"text":"Party \\ud83c"}', "application/json", "", {"text": "Party \ufffd"}),
        (b"a=%E4", "application/x-www-form-urlencoded; charset=latin-1", "", {"a": "ä"}),
    ],
    ids=["json", "gzip", "mark", "type", "lines", "half", "charset"],
)
def test_bodies_become_values(
    ada: Person, content: bytes, kind: str, coding: str, body: Any
) -> None:
    listen(ada, "h")
    headers = {"Content_Encoding": coding} if coding else {}
    answer = send(ada, "h", content, kind, **headers)
    assert (answer.status, answer.json()["body"]) == (200, body)


def test_a_form_gives_its_fields_and_keeps_its_files(ada: Person, parts: Parts) -> None:
    listen(ada, "h", respond="received")
    assert send(ada, "h", FORM, "multipart/form-data; boundary=xx").status == 202

    item = event(parts)
    (file,) = item.files
    assert item["body"] == {"title": "Hello"}
    assert (file.name, file.media_type, file.size) == ("a.txt", "text/plain", 12)
    assert parts.artifacts.get(ada.workspace_id, file.key) == b"hello world\n"


def test_other_bytes_are_a_file_beside_an_item_without_a_body(ada: Person, parts: Parts) -> None:
    listen(ada, "in/photo.png", respond="received")
    assert send(ada, "in/photo.png", PNG, "image/png").status == 202

    item = event(parts)
    (file,) = item.files
    assert item["body"] is None
    assert (file.name, file.media_type) == ("photo.png", "image/png")
    assert parts.artifacts.get(ada.workspace_id, file.key) == PNG


def test_where_a_file_cannot_be_kept_there_is_no_event(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(ada, "h")

    def full(_workspace: str, _content: bytes) -> str:
        raise StorageFull

    monkeypatch.setattr(parts.artifacts, "put", full)
    answer = send(ada, "h", PNG, "image/png")
    assert answer.status == 503
    assert executions(ada) == []


@pytest.mark.parametrize("charset", ["punycode", "idna", "undefined", "utf-7", "unicode_escape"])
def test_charsets_that_nobody_sends_are_refused_with_a_reason(ada: Person, charset: str) -> None:
    listen(ada, "h")
    answer = send(ada, "h", "ä".encode() * 10, f"text/plain; charset={charset}")
    assert answer.status == 415
    assert answer.headers["content-type"] == "application/problem+json"
    assert charset in answer.json()["detail"]
    assert executions(ada) == []


def test_the_exact_body_is_kept_where_it_is_asked_for(ada: Person, parts: Parts) -> None:
    listen(ada, "h", raw_body=True)
    spaced = b'{ "a":   1.0 }'
    assert send(ada, "h", spaced, "application/json").json()["raw_body"] == spaced.decode()
    coded = gzip.compress(spaced, mtime=0)
    found = send(ada, "h", coded, "application/json", Content_Encoding="gzip").json()
    assert found["body"] == {"a": 1.0}
    assert found["raw_body"].keys() == {"base64"}


def test_without_that_it_is_not(ada: Person) -> None:
    listen(ada, "h")
    assert "raw_body" not in send(ada, "h", b"{}", "application/json").json()


def test_large_json_is_read_as_small_is(ada: Person) -> None:
    path = new_id()
    listen(ada, path)
    text = "x" * 200_000
    assert send(ada, path, f'["{text}"]'.encode(), "application/json").json()["body"] == [text]
