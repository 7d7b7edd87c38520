"""A file far larger than what may be held in memory goes all the way through, on both stores."""

from __future__ import annotations

import hashlib
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.artifacts.conftest import KEY, SECRET, start_s3
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(1200)]

PIECE = bytes(range(256)) * 4096
PIECES = 300
SIZE = len(PIECE) * PIECES
MOST_MORE = 96 * 1024 * 1024
"""How much memory the file may cost, wherever it is on its way: a third of it."""


class Outside:
    """A service that takes a large file, and gives one."""

    def __init__(self) -> None:
        self.taken = ("", 0)


@contextmanager
def outside() -> Iterator[tuple[Outside, str]]:
    known = Outside()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            digest, size = hashlib.sha256(), int(self.headers["content-length"])
            left = size
            while left:
                piece = self.rfile.read(min(left, 1 << 20))
                digest.update(piece)
                left -= len(piece)
            known.taken = (digest.hexdigest(), size)
            self.send_response(204)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "video/mp4")
            self.send_header("content-length", str(SIZE))
            self.end_headers()
            for _ in range(PIECES):
                self.wfile.write(PIECE)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield known, f"http://127.0.0.1:{server.server_port}/file.mp4"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def artifacts_at(kind: str, folder: Path) -> Iterator[str]:
    if kind == "folder":
        yield f"file://{folder}/artifacts"
        return
    port = free_port()
    (folder / "s3").mkdir(parents=True)
    server = start_s3(folder / "s3", port, KEY, SECRET)
    try:
        yield f"s3://{KEY}:{quote(SECRET, safe='')}@127.0.0.1:{port}/files?secure=false"
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def workflow(url: str) -> dict[str, Any]:
    def request(name: str, **params: Any) -> dict[str, Any]:
        given = {"url": url, "timeout_s": 600, **params}
        return {"id": name, "type": "http_request", "params": given}

    return {
        "name": "Copy",
        "nodes": [
            {
                "id": "hook",
                "type": "webhook",
                "params": {"path": "copy", "method": "POST", "respond": "last_node"},
            },
            request("up", method="PUT", body_type="file"),
            request("down", max_response_mb=1000),
        ],
        "connections": [{"from": "hook", "to": "up"}, {"from": "up", "to": "down"}],
    }


def memory(instance: Instance, name: str) -> int:
    """``VmRSS`` or ``VmHWM`` of the gateway, in bytes; unlike ``ru_maxrss`` it is its own alone."""
    pid = instance.parts["gateway-1"].process.pid
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024


def forget_peak(instance: Instance) -> int:
    """Let the peak begin anew (proc(5), clear_refs); returns what is in memory now."""
    pid = instance.parts["gateway-1"].process.pid
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(instance, "VmRSS")


def ask(instance: Instance, method: str, path: str, body: Any = None, kind: str = "") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=600)
    headers = {"Authorization": f"Bearer {instance.caller.key}"}
    if kind:
        headers |= {"Content-Type": kind, "Content-Length": str(SIZE)}
    connection.request(method, path, body, headers)
    return connection.getresponse()


@pytest.mark.parametrize("store", ["folder", "s3"])
def test_a_large_file_comes_in_goes_out_comes_back_and_is_given_out_in_little_memory(
    tmp_path: Path, effects: Effects, store: str
) -> None:
    wanted = hashlib.sha256()
    for _ in range(PIECES):
        wanted.update(PIECE)
    digest = wanted.hexdigest()
    with (
        outside() as (known, url),
        artifacts_at(store, tmp_path) as artifacts,
        Instance(
            tmp_path / "data",
            effects,
            TREADLE_ARTIFACTS_URL=artifacts,
            TREADLE_MAX_UPLOAD_BYTES=str(SIZE),
        ) as instance,
    ):
        instance.open(lambda _url: workflow(url))
        before = forget_peak(instance)
        answer = ask(instance, "POST", "/hooks/copy", (PIECE for _ in range(PIECES)), "video/mp4")
        assert answer.status == 200, answer.read()
        answer.read()
        assert known.taken == (digest, SIZE)

        (execution,) = instance.caller.expect(200, "GET", "/executions")["items"]
        path = f"/api/v1/executions/{execution['id']}/files/sha256:{digest}"
        answer = ask(instance, "GET", path)
        assert answer.status == 200
        given, size = hashlib.sha256(), 0
        while piece := answer.read(1 << 20):
            given.update(piece)
            size += len(piece)
        assert (given.hexdigest(), size) == (digest, SIZE)
        more = memory(instance, "VmHWM") - before
        print(f"{store}: {more >> 20} MiB more than {before >> 20} MiB")
        assert more < MOST_MORE
