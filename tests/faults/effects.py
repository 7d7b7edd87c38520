"""The world outside: a server that remembers every request made to it, with faults on demand."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.waiting import PATIENCE_S

LONGEST_HOLD_S = 2 * PATIENCE_S
"""Longer than anything is waited for while the gate is closed."""


@dataclass(frozen=True)
class Call:
    """One request as it came in. ``sequence`` counts all requests, starting with 1.

    ``at`` and ``until`` are when it came and when it was about to be answered, in seconds of the
    monotonic clock.
    """

    sequence: int
    key: str
    body: Any
    at: float = 0.0
    until: float | None = None


@dataclass(frozen=True)
class Fault:
    """What one request gets in place of an answer: a status, or a reset of the connection."""

    status: int | None
    retry_after: int | None = None


RESET = Fault(None)


class Effects:
    """Takes ``POST /effect`` and answers with the sequence number of that very request.

    The number tells apart two runs of one step: whoever sees it later in a journal or in the
    body of another request knows which of the runs it came from. While the gate is closed,
    requests are noted and then held; ``latency_s`` holds each for a moment.
    """

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._gate = threading.Event()
        self._gate.set()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/effect"

    def calls(self) -> list[Call]:
        """Every request so far."""
        with self._lock:
            return list(self._calls)

    def by_key(self) -> dict[str, list[Call]]:
        """The same, by idempotency key."""
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls():
            found[call.key].append(call)
        return found

    def close_gate(self) -> None:
        """Hold the answers of all requests from now on."""
        self._gate.clear()

    def open_gate(self) -> None:
        """Let all answers go."""
        self._gate.set()

    def script(self, step: str, *faults: Fault) -> None:
        """Give the next requests whose body says ``step`` these faults, one each."""
        with self._lock:
            self._faults[step].extend(faults)

    def stop(self) -> None:
        """End the server."""
        self._gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, key: str, body: Any) -> tuple[int, Fault | None]:
        """Note a request; returns its number and the fault it gets."""
        with self._lock:
            number = len(self._calls) + 1
            self._calls.append(Call(number, key, body, time.monotonic()))
            faults = self._faults.get(body.get("step", "") if isinstance(body, dict) else "")
            fault = faults.popleft() if faults else None
        if self.latency_s:
            threading.Event().wait(self.latency_s)
        self._gate.wait(LONGEST_HOLD_S)
        with self._lock:
            call = self._calls[number - 1]
            self._calls[number - 1] = replace(call, until=time.monotonic())
        return number, fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, effects: Effects) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.effects = effects

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers that were killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        key = self.headers.get("idempotency-key", "")
        number, fault = self.server.effects.take(key, json.loads(content))
        if fault is None:
            self._answer(200, {"sequence": number})
        elif fault.status is not None:
            self._answer(fault.status, {"error": "as the test wants"}, fault.retry_after)
        else:
            # With nothing to linger for, closing sends a reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True

    def _answer(self, status: int, body: Any, retry_after: int | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if retry_after is not None:
            self.send_header("retry-after", str(retry_after))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""
