from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

from bench.driver import Sample, Target, drive, request_bytes
from tests.bench.server import AnsweringServer
from tests.waiting import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"


@contextmanager
def answering(*pieces: bytes) -> Iterator[AnsweringServer]:
    server = AnsweringServer(pieces)
    yield server
    server.close()


def load(server: AnsweringServer, connections: int = 2, seconds: float = 0.1) -> Sample:
    request = request_bytes("POST", "/x", "127.0.0.1", b'{"n": 1}')
    return drive(Target("127.0.0.1", server.port, request, 200, b"hello"), connections, seconds)


def load_long_enough(*pieces: bytes, connections: int) -> tuple[Sample, int, float]:
    """Load a server for longer until a connection has asked twice.

    Returns also what the server has counted, and for how long it was loaded.
    """
    found: list[tuple[Sample, int, float]] = []

    def was_enough() -> bool:
        seconds = 0.1 * 2 ** len(found)
        with answering(*pieces) as server:
            sample = load(server, connections, seconds)
            found.append((sample, server.requests, seconds))
        return sample.answered > connections or sample.failures > 0

    until(was_enough, lambda: f"more than {connections} answers: {found[-1]}")
    return found[-1]


def in_pieces(text: bytes, *cuts: int) -> Sequence[bytes]:
    edges = [0, *cuts, len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


def test_every_request_that_was_sent_is_counted_with_its_latency() -> None:
    sample, requests, seconds = load_long_enough(OK, connections=3)
    assert sample.failures == 0
    assert sample.answered == requests > 3
    assert 0 < sample.p50_ms <= sample.p95_ms <= sample.p99_ms
    assert sample.seconds >= seconds


def test_an_answer_in_pieces_is_one_answer() -> None:
    sample, requests, _ = load_long_enough(*in_pieces(OK, 5, 20, 45), connections=2)
    assert sample.answered == requests > 2
    assert sample.failures == 0


def test_a_wrong_status_is_a_failure_and_shown() -> None:
    with answering(OK.replace(b"200 OK", b"500 No")) as server:
        sample = load(server)
    assert sample.answered == 0
    assert sample.failures == server.requests
    assert sample.first_failure.startswith("HTTP/1.1 500")


def test_a_wrong_body_is_a_failure() -> None:
    with answering(OK.replace(b"hello", b"jelly")) as server:
        sample = load(server)
    assert sample.answered == 0
    assert sample.failures > 0


def test_a_closed_connection_is_a_failure_once() -> None:
    with answering() as server:
        sample = load(server)
    assert (sample.answered, sample.failures) == (0, 2)
    assert "closed" in sample.first_failure
