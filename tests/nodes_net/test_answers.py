"""What http_request makes of answers: values, files, errors, and when to come back."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from layers.contract import Json
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes.context import NOW
from tests.nodes_net.exchange import run_async, scripted, scripted_error

URL = "http://a.test/dir/report.pdf?x=1"


@pytest.mark.parametrize(
    ("content", "media_type", "wanted", "body"),
    [
        (b'{"a": [1, 2.5, null]}', "application/json", "auto", {"a": [1, 2.5, None]}),
        (b"\xef\xbb\xbf[1]", "application/json; charset=utf-8", "auto", [1]),
        (b'{"a": 1}', "application/problem+json", "auto", {"a": 1}),
        (b"{oops", "application/json", "auto", "{oops"),
        (b"[NaN]", "application/json", "auto", "[NaN]"),
        (b"[" * 100_000, "application/json", "auto", "[" * 100_000),
        (b"<a>\xe4</a>", "text/html; charset=latin-1", "auto", "<a>ä</a>"),
        ("ä".encode(), "text/plain", "auto", "ä"),
        (b"\xff!", "text/plain; charset=nonsense", "auto", "�!"),
        (b"<a/>", "application/atom+xml", "auto", "<a/>"),
        (b"plain", "", "auto", "plain"),
        (b"", "application/json", "auto", None),
        (b"", "text/plain", "auto", None),
        (b"", "", "text", ""),
        (b'{"a": 1}', "text/plain", "json", {"a": 1}),
        (b'{"a": 1}', "application/json", "text", '{"a": 1}'),
    ],
)
def test_a_body_is_read_by_its_media_type_or_as_told(
    content: bytes, media_type: str, wanted: str, body: Json
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    client = ScriptedClient([answer(content, headers=headers)])
    [item] = scripted({"url": URL, "response": wanted}, client)
    assert item["body"] == body
    assert item.files == ()


def test_wanted_json_that_is_none_is_an_error_with_the_remedy() -> None:
    error = scripted_error({"url": URL, "response": "json"}, ScriptedClient([answer("<html>")]))
    assert error.kind == "invalid_response"
    assert "'response'" in error.message
    assert not error.retry


@pytest.mark.parametrize(
    ("headers", "wanted", "name", "media_type"),
    [
        ({"Content-Type": "application/pdf"}, "auto", "report.pdf", "application/pdf"),
        ({"Content-Type": "text/plain"}, "binary", "report.pdf", "text/plain"),
        ({}, "auto", "report.pdf", "application/octet-stream"),
        ({"Content-Disposition": 'attachment; filename="a b.pdf"'}, "binary", "a b.pdf", None),
        (
            {"Content-Disposition": "attachment; filename*=UTF-8''%C3%A4.pdf"},
            "binary",
            "ä.pdf",
            None,
        ),
        (
            {"Content-Disposition": 'attachment; filename="../../etc/passwd"'},
            "binary",
            "passwd",
            None,
        ),
        (
            {"Content-Disposition": r'attachment; filename="C:\\temp\\x.pdf"'},
            "binary",
            "x.pdf",
            None,
        ),
        ({"Content-Disposition": 'attachment; filename="..."'}, "binary", "download", None),
    ],
)
def test_bytes_become_a_file_beside_the_item(
    headers: dict[str, str], wanted: str, name: str, media_type: str | None
) -> None:
    async def scenario() -> None:
        client = ScriptedClient([answer(b"\xff\x00bytes", headers=headers, url=URL)])
        [item], context = await run_async({"url": URL, "response": wanted}, [{}], client)
        assert (item["status"], item["body"]) == (200, None)
        [file] = item.files
        assert (file.name, file.size) == (name, 7)
        assert file.media_type == (media_type or "application/octet-stream")
        assert await context.files.read(file) == b"\xff\x00bytes"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "retry"),
    [(400, False), (401, False), (404, False), (408, True), (409, False), (425, True),
     (429, True), (500, True), (501, True), (503, True), (599, True)],
)  # fmt: skip
def test_an_error_status_fails_the_step_and_says_whether_to_try_again(
    status: int, retry: bool
) -> None:
    error = scripted_error({"url": URL}, ScriptedClient([answer("x" * 5000, status, url=URL)]))
    assert (error.kind, error.retry) == ("http_status", retry)
    assert error.detail == {"status": status, "body": "x" * 2048}
    assert error.message.startswith(f"a.test answered {status}")
    assert len(error.message) < 300
    assert "x=1" not in error.message


def test_an_error_status_may_be_an_item_like_any_other() -> None:
    client = ScriptedClient([answer({"error": 1}, 503)])
    [item] = scripted({"url": URL, "fail_on_status": False}, client)
    assert (item["status"], item["body"]) == (503, {"error": 1})


def date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds), True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 120 "}, 120),
        ({"Retry-After": date(90)}, 90),
        ({"Retry-After": date(-90)}, 0),
        # The other side's clock is an hour ahead: its own date tells what it means.
        ({"Retry-After": date(3690), "Date": date(3600)}, 90),
        ({"Retry-After": "Sunday, 17-May-26 08:31:00 GMT"}, 60),
        ({"Retry-After": "Sun May 17 08:31:00 2026"}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({}, None),
    ],
)
def test_the_wait_that_the_other_side_asks_for_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    error = scripted_error({"url": URL}, ScriptedClient([answer(None, 429, headers)]))
    if seconds is None:
        assert error.retry_in is None
    else:
        assert error.retry_in is not None
        assert math.isclose(error.retry_in, seconds, abs_tol=0.01)
