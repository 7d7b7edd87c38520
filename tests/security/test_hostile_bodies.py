"""Findings 2 and 10: nobody holds the gateway up by what he sends to a webhook.

A real gateway gets bodies of 16 MB that cost the most; meanwhile ``/healthz`` answers as it does
beside a body of that size that costs nothing.
"""

from __future__ import annotations

import gzip
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faults.effects import Effects
from tests.faults.instance import Instance

LARGEST = 16 * 1024 * 1024 - 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
TIMES = 8
"""By how much slower than the control it may answer: without the bounds it is by hundreds."""
NOISE_S = 0.5
TRIES = 3


def filled(unit: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    return before + unit * ((LARGEST - len(before) - len(after)) // len(unit)) + after


def many_keys() -> bytes:
    return b"{" + b",".join(b'"%d":1' % at for at in range(1_300_000)) + b"}"


def with_header() -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="' + b'a;="\\' * 800 + b'"\r\n\r\na\r\n'
    return part * 900 + b"--x--\r\n"


HOSTILE: dict[str, tuple[Callable[[], bytes], dict[str, str], tuple[int, ...]]] = {
    "punycode": (
        lambda: filled(b"a-b\xc3"),
        {"Content-Type": "text/plain; charset=punycode"},
        (415,),
    ),
    "idna": (lambda: filled("ä".encode()), {"Content-Type": "text/plain; charset=idna"}, (415,)),
    "undefined": (lambda: b"a", {"Content-Type": "text/plain; charset=undefined"}, (415,)),
    "names": (lambda: filled(b"a&"), {"Content-Type": FORM}, (413,)),
    "escapes-of-a-form": (lambda: filled(b"%41", b"a="), {"Content-Type": FORM}, (202,)),
    "deep": (lambda: filled(b"[", b"", b""), {"Content-Type": JSON}, (413, 422)),
    "arrays": (lambda: filled(b"[],", b"[", b"1]"), {"Content-Type": JSON}, (413,)),
    "numbers": (lambda: filled(b"1,", b"[", b"1]"), {"Content-Type": JSON}, (413,)),
    "keys": (many_keys, {"Content-Type": JSON}, (413,)),
    "digits": (lambda: filled(b"1", b"[", b"]"), {"Content-Type": JSON}, (413,)),
    "halves": (lambda: filled(b"\\ud83c", b'["', b'"]'), {"Content-Type": JSON}, (202,)),
    "broken": (lambda: filled(b"\\n", b'["', b'" x]'), {"Content-Type": JSON}, (400, 413)),
    "lines": (lambda: filled(b"1\n"), {"Content-Type": "application/x-ndjson"}, (413,)),
    "bomb": (
        lambda: gzip.compress(bytes(1 << 30), 1),
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
        (413,),
    ),
    "bombs": (
        lambda: gzip.compress(gzip.compress(bytes(1 << 30), 1)),
        {"Content-Type": JSON, "Content-Encoding": "gzip, gzip"},
        (413,),
    ),
    "parts": (lambda: filled(b"--x\r\n\r\n\r\n"), {"Content-Type": PARTS}, (413,)),
    "borders": (lambda: filled(b"\r\n-", b"--x\r\n\r\n"), {"Content-Type": PARTS}, (400,)),
    "headers": (with_header, {"Content-Type": PARTS}, (202, 400)),
}
CONTROL = (lambda: filled(b"a"), {"Content-Type": "text/plain"}, (202,))


def workflow(_url: str) -> dict[str, Any]:
    hook = {"id": "hook", "type": "webhook", "params": {"path": "h"}}
    return {"name": "h", "nodes": [hook], "connections": []}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    effects = Effects()
    try:
        with Instance(tmp_path_factory.mktemp("gateway"), effects) as instance:
            instance.open(workflow)
            yield instance
    finally:
        effects.stop()


def get_health(port: int) -> float:
    """How long ``/healthz`` takes, in seconds."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    return time.perf_counter() - began


@contextmanager
def watched(port: int) -> Iterator[list[float]]:
    """Ask for the health again and again; the times are in the list."""
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.005):
            times.append(get_health(port))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield times
    finally:
        over.set()
        asking.join()
        times.append(get_health(port))


def longest(
    port: int,
    content: bytes,
    headers: dict[str, str],
    statuses: tuple[int, ...],
    path: str = "/hooks/h",
) -> float:
    """The longest that ``/healthz`` takes beside a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
    with watched(port) as times:
        connection.request("POST", path, content, headers)
        answer = connection.getresponse()
        said = answer.read()
    connection.close()
    assert answer.status in statuses, said
    return max(times)


def check(gateway: Instance, kind: str, path: str) -> None:
    """Fail if ``/healthz`` has to wait for a hostile body in each of several tries."""
    make, headers, statuses = HOSTILE[kind]
    content = make()
    found: list[tuple[float, float]] = []
    for _try in range(TRIES):
        calm = longest(gateway.port, CONTROL[0](), *CONTROL[1:])
        held_up = longest(gateway.port, content, headers, statuses, path)
        found.append((calm, held_up))
        if held_up <= NOISE_S + TIMES * calm:
            return
    pytest.fail(f"seconds beside a plain body, and beside this one: {found}")


@pytest.mark.alone
@pytest.mark.parametrize("kind", HOSTILE)
def test_others_are_served_beside_it(gateway: Instance, kind: str) -> None:
    check(gateway, kind, "/hooks/h")


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["arrays", "numbers", "keys", "digits"])
def test_nor_does_who_signs_in(gateway: Instance, kind: str) -> None:
    check(gateway, kind, "/api/v1/auth/login")
