"""What a webhook's caller gets, as the author means it: texts, files, cookies, headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.artifacts.pieces import PIECE
from layers.artifacts.port import ArtifactUnavailable
from layers.sandbox.port import SandboxFile
from layers.settings import Settings
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.hooking import STEP, Hooked, bringing, responding

PICTURE = b"\x89PNG123" + bytes(range(256)) * (PIECE // 128)
RESPOND = {"id": "r", "type": "respond"}


@pytest.fixture
def files() -> list[SandboxFile]:
    """What the Python step of these tests brings."""
    return [
        SandboxFile("a.png", "image/png", PICTURE),
        SandboxFile("Rechnung für Zoë.txt", "text/plain", b"hello"),
    ]


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings, files: list[SandboxFile]) -> Parts:
    """Parts whose sandbox brings files."""
    limits = replace(settings.limits, inline_bytes=1024)
    return make_parts(settings=replace(settings, limits=limits), sandbox=bringing(*files))


def with_file(ada: Person, **params: Any) -> Hooked:
    return Hooked(ada, STEP, {**RESPOND, "params": params})


# Text


def test_a_text_is_sent_in_the_charset_that_its_type_names(ada: Person) -> None:
    hook = responding(
        ada, headers={"Content-Type": "text/html; charset=iso-8859-1"}, body="<p>Zoë</p>"
    )
    answer = hook.call()
    assert answer.body == b"<p>Zo\xeb</p>"
    assert answer.every("content-type") == ["text/html; charset=iso-8859-1"]
    assert answer.headers["content-length"] == "10"


def test_a_letter_that_the_charset_lacks_is_an_error_of_the_step(ada: Person) -> None:
    hook = responding(
        ada, headers={"Content-Type": "text/plain; charset=iso-8859-1"}, body="10 {{ '€' }}"
    )
    answer = hook.call()
    assert answer.status == 500
    execution = answer.json()["detail"].rstrip(".").rpartition(" ")[2]
    steps = ada.program.get(f"/api/v1/executions/{execution}").json()["steps"]
    assert "body:" in steps[-1]["error"]["message"]
    assert "€" in steps[-1]["error"]["message"]


def test_json_in_another_charset_escapes_what_that_lacks(ada: Person) -> None:
    kind = "application/json; charset=iso-8859-1"
    hook = responding(ada, headers={"Content-Type": kind}, body={"a": "Zoë €😀"})
    assert hook.call().body == b'{"a":"Zo\\u00eb \\u20ac\\ud83d\\ude00"}'


@pytest.mark.parametrize(
    ("kind", "body", "sent", "says"),
    [
        (None, "thanks", b'"thanks"', "application/json"),
        (None, {"a": 1}, b'{"a":1}', "application/json"),
        ("text/plain", "thanks", b"thanks", "text/plain"),
        ("text/plain", "Zoë", b"Zo\xc3\xab", "text/plain; charset=utf-8"),
        ("text/csv; header=present", "ë", b"\xc3\xab", "text/csv; header=present; charset=utf-8"),
        ("application/json", '{"a": 1}', b'{"a": 1}', "application/json"),
        ("application/xml", "<ë/>", b"<\xc3\xab/>", "application/xml"),
        ("text/plain", {"a": "ë"}, b'{"a":"\xc3\xab"}', "text/plain; charset=utf-8"),
    ],
)
def test_what_a_body_is_sent_as(
    ada: Person, kind: str | None, body: Any, sent: bytes, says: str
) -> None:
    headers = {} if kind is None else {"content-TYPE": kind}
    answer = responding(ada, headers=headers, body=body).call()
    assert answer.body == sent
    assert answer.every("content-type") == [says]


def test_the_headers_of_the_webhook_are_those_of_its_answer(ada: Person) -> None:
    headers = {"Content-Type": "text/plain; charset=utf-16", "X-A": ["1", "2"], "X-B": 3}
    answer = Hooked(ada, respond="last_node", response_headers=headers).call()
    assert answer.body.decode("utf-16").startswith("{")
    assert answer.every("content-type") == ["text/plain; charset=utf-16"]
    assert answer.every("x-a") == ["1", "2"]
    assert answer.headers["x-b"] == "3"


def test_the_nodes_headers_go_before_those_of_the_webhook_whatever_their_case(ada: Person) -> None:
    respond = {**RESPOND, "params": {"headers": {"content-type": "text/plain"}, "body": "x"}}
    answer = Hooked(ada, respond, response_headers={"Content-Type": "text/html"}).call()
    assert answer.every("content-type") == ["text/plain"]


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_names_neither_type_nor_length(ada: Person, status: int) -> None:
    answer = responding(ada, status=status, headers={"Content-Type": "text/plain"}, body="x").call()
    assert (answer.status, answer.body) == (status, b"")
    assert answer.every("content-type") == answer.every("content-length") == []


# Files


def test_a_file_is_sent_as_it_is_with_its_type_length_and_name(ada: Person) -> None:
    answer = with_file(ada, file="first").call()
    assert answer.status == 200
    assert answer.body == PICTURE
    assert answer.every("content-type") == ["image/png"]
    assert answer.headers["content-length"] == str(len(PICTURE))
    assert answer.headers["content-disposition"] == 'inline; filename="a.png"'


def test_a_file_is_found_by_a_computed_name_and_renamed_by_no_letter(ada: Person) -> None:
    hook = with_file(
        ada,
        file="Rechnung für {{ 'Zoë' }}.txt",
        headers={"Content-Disposition": "attachment", "Content-Type": "text/x-invoice"},
    )
    answer = hook.call()
    assert answer.body == b"hello"
    assert answer.headers["content-type"] == "text/x-invoice"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Rechnung fur Zoe.txt"; '
        "filename*=UTF-8''Rechnung%20f%C3%BCr%20Zo%C3%AB.txt"
    )


def test_the_last_nodes_file_is_the_answer_where_that_is_asked_for(ada: Person) -> None:
    first = Hooked(ada, STEP, respond="last_node", response="file").call()
    assert (first.body, first.headers["content-type"]) == (PICTURE, "image/png")
    named = {"response": "file", "response_file": "Rechnung für Zoë.txt"}
    assert Hooked(ada, STEP, respond="last_node", **named).call().body == b"hello"
    lost = Hooked(ada, STEP, respond="last_node", response="file", response_file="b").call()
    assert lost.status == 500
    assert "'b'" in lost.json()["detail"]


def test_a_file_that_the_items_do_not_bring_is_an_error_that_names_those_they_do(
    ada: Person,
) -> None:
    answer = with_file(ada, file="b.png").call()
    assert answer.status == 500
    execution = answer.json()["detail"].rstrip(".").rpartition(" ")[2]
    steps = ada.program.get(f"/api/v1/executions/{execution}").json()["steps"]
    assert "'a.png'" in steps[-1]["error"]["message"]


def test_a_file_has_no_body_for_head_and_the_same_headers(ada: Person) -> None:
    nodes = (STEP, {**RESPOND, "params": {"file": "first"}})
    get = Hooked(ada, *nodes, method="GET").call()
    head = Hooked(ada, *nodes, method="HEAD").call("HEAD")
    assert head.body == b""
    assert dict(head.raw_headers) == dict(get.raw_headers)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        (f"bytes={PIECE - 1}-{PIECE}", PIECE - 1, PIECE + 1),
        (f"Bytes= 1-{10**12} ", 1, None),
    ],
)
def test_a_range_of_a_file_is_sent(ada: Person, asked: str, start: int, end: int | None) -> None:
    answer = with_file(ada, file="first").call(headers={"Range": asked})
    sent = PICTURE[start:end]
    at = start % len(PICTURE)
    assert (answer.status, answer.body) == (206, sent)
    assert answer.headers["content-range"] == f"bytes {at}-{at + len(sent) - 1}/{len(PICTURE)}"
    assert answer.headers["content-length"] == str(len(sent))


def test_a_range_behind_the_end_says_where_that_is(ada: Person) -> None:
    answer = with_file(ada, file="first").call(headers={"Range": f"bytes={len(PICTURE)}-"})
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(PICTURE)}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=1-2, 4-5"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=9-2"},
        {"Range": "bytes=-"},
        {"Range": "bytes=1-2", "If-Range": '"other"'},
    ],
)
def test_what_is_no_single_range_is_answered_whole(ada: Person, headers: dict[str, str]) -> None:
    answer = with_file(ada, file="first").call(headers=headers)
    assert (answer.status, answer.body) == (200, PICTURE)


def test_no_range_is_taken_of_what_is_no_get_or_no_200(ada: Person) -> None:
    asked = {"Range": "bytes=1-2"}
    assert with_file(ada, file="first").call("POST", headers=asked).status == 200
    assert with_file(ada, file="first", status=404).call(headers=asked).body == PICTURE


def test_who_has_the_file_is_not_sent_it_again(ada: Person) -> None:
    hook = with_file(ada, file="first")
    etag = hook.call().headers["etag"]
    answer = hook.call(headers={"If-None-Match": f'"x", W/{etag}'})
    assert (answer.status, answer.body) == (304, b"")
    part = hook.call(headers={"Range": "bytes=0-3", "If-Range": etag})
    assert (part.status, part.body) == (206, PICTURE[:4])


def test_a_file_that_is_gone_is_an_error_and_no_empty_answer(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = parts.artifacts
    monkeypatch.setattr(store, "part", lambda *_: b"")
    answer = with_file(ada, file="first").call()
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_damaged_file_breaks_off_before_its_end(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = parts.artifacts.part

    def damaged(workspace: str, digest: str, start: int, length: int) -> bytes:
        content = whole(workspace, digest, start, length)
        return content if start == 0 else b"!" + content[1:]

    monkeypatch.setattr(parts.artifacts, "part", damaged)
    with pytest.raises(RuntimeError, match="response already started") as error:
        with_file(ada, file="first").call()
    assert isinstance(error.value.__cause__, ArtifactUnavailable)


def test_a_file_is_read_in_pieces(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole = parts.artifacts.part

    def counted(workspace: str, digest: str, start: int, length: int) -> bytes:
        read.append(length)
        return whole(workspace, digest, start, length)

    monkeypatch.setattr(parts.artifacts, "part", counted)
    monkeypatch.setattr(parts.artifacts, "get", lambda *_: pytest.fail("it was read whole"))
    assert with_file(ada, file="first").call().body == PICTURE
    assert max(read) <= PIECE
    assert sum(read) == len(PICTURE)


# Cookies


def test_on_the_apps_host_a_cookie_is_refused_when_it_is_saved(ada: Person) -> None:
    for cookies in ("tx=abc", ["a=1", "b={{ 2 }}"]):
        hook = responding(ada, headers={"Set-Cookie": cookies})
        assert hook.saved.status == 422
        ((pointer, message),) = hook.mistakes.items()
        assert pointer == "/nodes/1/params/headers/Set-Cookie"
        assert "TREADLE_HOOKS_URL" in message
    hook = Hooked(ada, respond="last_node", response_headers={"set-cookie": "a=1"})
    assert "TREADLE_HOOKS_URL" in str(hook.mistakes)


def test_on_the_apps_host_a_computed_cookie_is_left_out(ada: Person) -> None:
    hook = responding(ada, headers="{{ {'Set-Cookie': 'tx=abc', 'X-A': '1'} }}")
    answer = hook.call()
    assert (answer.status, answer.headers["x-a"]) == (200, "1")
    assert answer.every("set-cookie") == []


# What can never be sent


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Set-Cookie": "treadle_session=x"}, "the product's own"),
        ({"Set-Cookie": "a=1; Domain=example.org"}, "Domain"),
        ({"Set-Cookie": ["a=1", "b=2; Path=/"]}, "/hooks/"),
        ({"Set-Cookie": "a"}, "name=value"),
        ({"Content-Type": ["text/html", "text/plain"]}, "one value"),
        ({"Content-Type": "text/plain, text/html"}, "one type"),
        ({"Content-Type": "text/html; charset=utf-7"}, "utf-7"),
        ({"Content-Type": "multipart/x-mixed-replace; boundary=x"}, "parts"),
        ({"Content-Security-Policy": "x"}, "set by the server"),
        ({"Content-Length": "{{ 1 }}"}, "server's own"),
        ({"Transfer-Encoding": "chunked"}, "server's own"),
        ({"Service-Worker-Allowed": "/"}, "origin"),
        ({"Access-Control-Allow-Origin": "*"}, "allowed_origins"),
        ({"X-Accel-Redirect": "/"}, "proxy"),
        ({"Location": "javascript:alert(1)"}, "web address"),
        ({"Link": "</x>; rel=preload"}, "load"),
        ({"X-Name": "smile ☺"}, "Latin-1"),
        ({"X-Name": "a\r\nX-B: c"}, "line break"),
        ({"X Name": "a"}, "header name"),
        ({"X-A": "1", "x-a": "2"}, "twice"),
    ],
)
def test_headers_that_no_answer_can_have_are_refused_when_saved(
    ada: Person, headers: dict[str, Any], word: str
) -> None:
    name = list(headers)[-1]
    by_node = responding(ada, headers={"X-Computed": "{{ 1 }}", **headers}).mistakes
    assert word in by_node[f"/nodes/1/params/headers/{name}"]
    assert word in responding(ada, headers=headers).mistakes[f"/nodes/1/params/headers/{name}"]
    by_hook = Hooked(ada, respond="received", response_headers=headers).mistakes
    assert word in by_hook[f"/nodes/0/params/response_headers/{name}"]


def test_what_contradicts_itself_is_refused_when_saved(ada: Person) -> None:
    assert "/nodes/1/params/file" in responding(ada, file="first", body="x").mistakes
    encoded = responding(ada, headers={"Content-Encoding": "gzip"}, body="x").mistakes
    assert "/nodes/1/params/headers" in encoded
    assert "/nodes/0/params/response" in Hooked(ada, respond="received", response="file").mistakes


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"X-A": "{{ 'a\\r\\nSet-Cookie: b=c' }}"}, "line break"),
        ({"Content-Type": "{{ 'text/html, text/plain' }}"}, "one type"),
        ({"Location": "{{ 'java' + 'script:x' }}"}, "web address"),
        ("{{ {'Content-Security-Policy': 'x'} }}", "set by the server"),
    ],
)
def test_computed_headers_that_no_answer_can_have_are_an_error_of_the_step(
    ada: Person, headers: Any, word: str
) -> None:
    answer = responding(ada, headers=headers).call()
    assert answer.status == 500
    execution = answer.json()["detail"].rstrip(".").rpartition(" ")[2]
    error = ada.program.get(f"/api/v1/executions/{execution}").json()["steps"][-1]["error"]
    assert error["message"].startswith("r: parameter headers: ")
    assert word in error["message"]


def test_what_was_saved_under_older_rules_still_runs_without_what_they_forbid(
    ada: Person, parts: Parts
) -> None:
    """As an update of a running instance meets it: nobody saves the workflow again."""
    hook = responding(ada, headers={"X-A": "1"}, body="x")
    with parts.database.writing() as connection:
        connection.exec_driver_sql(
            'UPDATE workflow_versions SET definition = replace(definition, \'"X-A":"1"\','
            ' \'"X-A":"1","Clear-Site-Data":"*","Access-Control-Allow-Origin":"*"\')'
        )
    parts.engine.plans.clear()
    answer = hook.call()
    assert answer.status == 200
    assert answer.headers["x-a"] == "1"
    assert answer.every("clear-site-data") == answer.every("access-control-allow-origin") == []


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    """The whole app with those parts."""
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened
