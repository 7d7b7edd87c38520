"""What the store asks an S3 server, and what it makes of servers in trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from layers.artifacts import ArtifactUnavailable, StorageFull, open_store, s3
from layers.ids import new_id
from tests.artifacts.conftest import KEY
from tests.artifacts.conftest import SECRET as KEY_SECRET

Answer = tuple[int, str, bytes]
"""Status, content type and body."""
DONE: Answer = (200, "application/xml", b"")
SECRET = "very-hidden"
KEYS = (KEY, KEY_SECRET)


def error(status: int, code: str) -> Answer:
    return (status, "application/xml", f"<Error><Code>{code}</Code></Error>".encode())


class Asked:
    """A server that says what it was told to say, and what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        self.hosts: set[str | None] = set()
        self.bytes: list[int] = []
        self.stall = threading.Event()
        self.stalls = False


@contextmanager
def serving(asked: Asked) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.bytes.append(int(self.headers.get("content-length") or 0))
            asked.requests.append(f"{self.command} {self.path.partition('?')[0]}")
            asked.hosts.add(self.headers["host"])
            if asked.stalls:
                asked.stall.wait()
            last = len(asked.answers) == 1
            status, kind, body = asked.answers[0] if last else asked.answers.pop(0)
            # Who gave up waiting is not there any more.
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("etag", '"1"')
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        asked.stall.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "_PAUSE_S", 0)


def store_at(port: int, options: str = "") -> s3.S3Store:
    url = f"s3://key:{SECRET}@127.0.0.1:{port}/bucket?secure=false{options}"
    store = open_store(url)
    assert isinstance(store, s3.S3Store)
    return store


def test_a_large_artifact_is_one_request_to_a_path_of_the_host_and_no_thread_stays() -> None:
    asked = Asked(DONE)
    content = b"x" * (6 * 1024 * 1024)
    with serving(asked) as port:
        before = threading.active_count()
        digest = store_at(port).put("w", content)
        # One thread is the server's own, for the connection that is kept.
        assert threading.active_count() <= before + 1
    assert asked.requests == [f"PUT /bucket/ws/w/{digest.replace(':', '%3A')}"]
    assert asked.bytes == [len(content)]
    assert asked.hosts == {f"127.0.0.1:{port}"}


def test_a_server_that_is_busy_for_a_moment_is_asked_again() -> None:
    busy = error(503, "SlowDown")
    asked = Asked(busy, busy, DONE)
    with serving(asked) as port:
        store_at(port).put("w", b"x")
    assert len(asked.requests) == 3


@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        (error(503, "SlowDown"), True),
        (error(500, "InternalError"), True),
        ((502, "text/html", b"<h1>Bad gateway</h1>"), True),
        ((503, "text/plain", b""), True),
        (error(403, "AccessDenied"), False),
        (error(400, "AuthorizationHeaderMalformed"), False),
        ((200, "text/html", b"<h1>a portal</h1>"), False),
    ],
    ids=["slow-down", "internal", "proxy", "empty", "denied", "region", "no-s3-server"],
)
def test_a_refusal_names_the_bucket_and_says_whether_trying_again_helps(
    answer: Answer, retryable: bool
) -> None:
    with serving(Asked(answer)) as port:
        store = store_at(port, "&region=eu-1")
        calls: list[Callable[[], object]] = [lambda: store.size("w")]
        if answer[0] != 200:
            calls += [
                lambda: store.put("w", b"x"),
                lambda: store.exists("w", "sha256:" + "0" * 64),
                lambda: store.delete("w", "sha256:" + "0" * 64),
                lambda: list(store.put_before("w", 0)),
            ]
        for call in calls:
            with pytest.raises(ArtifactUnavailable, match="bucket") as caught:
                call()
            assert caught.value.retryable is retryable
            assert SECRET not in str(caught.value)


def test_a_bucket_without_room_is_a_full_storage() -> None:
    with serving(Asked(error(507, "XMinioStorageFull"))) as port, pytest.raises(StorageFull):
        store_at(port).put("w", b"x")


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "_READ_S", 0.05)
    asked = Asked(DONE)
    asked.stalls = True
    with serving(asked) as port:
        with pytest.raises(ArtifactUnavailable, match="cannot be reached") as caught:
            store_at(port).put("w", b"x")
        assert caught.value.retryable
    assert len(asked.requests) == 3


def test_a_closed_store_opens_again() -> None:
    asked = Asked(DONE)
    with serving(asked) as port:
        store = store_at(port)
        store.put("w", b"x")
        store.close()
        store.put("w", b"x")
        store.close()
    assert len(asked.requests) == 2


def test_an_upload_that_fails_in_the_middle_is_taken_back_and_no_thread_stays() -> None:
    begun = (
        200,
        "application/xml",
        b"<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>k</Key>"
        b"<UploadId>u1</UploadId></InitiateMultipartUploadResult>",
    )
    asked = Asked(begun, DONE, error(403, "AccessDenied"), (204, "application/xml", b""))
    with serving(asked) as port:
        before = threading.active_count()
        writer = store_at(port).create("w")
        writer.write(b"x" * (20 * 1024 * 1024))
        with pytest.raises(ArtifactUnavailable, match="AccessDenied"):
            writer.finish()
        assert threading.active_count() <= before + 1
    commands = [one.partition(" ")[0] for one in asked.requests]
    assert commands == ["POST", "PUT", "PUT", "DELETE"]
    assert max(asked.bytes) <= 8 * 1024 * 1024


@pytest.mark.parametrize("server", ["s3_server", "moto_server"])
def test_parts_that_nobody_ended_are_taken_away(
    server: str, request: pytest.FixtureRequest
) -> None:
    given = request.getfixturevalue(server)
    port = given if isinstance(given, int) else given[0]
    secret = quote(KEYS[1], safe="")
    bucket = f"b-{new_id()}"
    store = open_store(f"s3://{KEYS[0]}:{secret}@127.0.0.1:{port}/{bucket}?secure=false")
    assert isinstance(store, s3.S3Store)
    store.put("w", b"x")
    client = store._client
    for workspace in ("w", "v"):
        client._create_multipart_upload(bucket, f"ws/{workspace}/half", {})

    def unfinished() -> list[str]:
        return [one.object_name for one in client._list_multipart_uploads(bucket).uploads]

    if server == "s3_server":
        # The other one says of every upload that it was begun in 2010.
        store.discard_unfinished("w", time.time() - 3600)
    assert sorted(unfinished()) == ["ws/v/half", "ws/w/half"]
    store.discard_unfinished("w", time.time() + 3600)
    assert unfinished() == ["ws/v/half"]
