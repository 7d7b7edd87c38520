"""The whole product under measurement: ``treadle up`` on a fresh folder, and how to look at it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

READY = "Treadle is ready at "
PATIENCE_S = 240.0
FINISHED_WITHIN_S = 600.0


class BenchError(Exception):
    """Something could not be measured; the text says what and why."""


class Product:
    """A running instance in ``folder``. Use it with ``with``; leaving stops it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._log = folder / "up.log"
        self._out = folder / "up.out"
        data = folder / "data"
        program = Path(sys.executable).with_name("treadle")
        # Nothing of the caller's own configuration: every run measures the same defaults.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TREADLE_")}
        environment |= settings or {}
        with self._out.open("wb") as out, self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "up", "--port", "0", "--data", str(data), "--no-demo"],
                stdout=out,
                stderr=log,
                env=environment,
            )
        self._database = data / "treadle.db"
        self.headers = {"Content-Type": "application/json"}
        self.url = ""
        self.host = ""
        self.port = 0

    def __enter__(self) -> Self:
        try:
            self._wait_until_ready()
            self._sign_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def activate(self, workflow: Any) -> str:
        """Make a workflow and let its webhook listen; returns its id."""
        status, made = self.call("POST", "/api/v1/workflows", workflow)
        if status != 201:
            raise BenchError(f"the workflow was refused: {made}")
        status, answer = self.call("POST", f"/api/v1/workflows/{made['id']}/activate")
        if status >= 300:
            raise BenchError(f"the workflow could not be activated: {answer}")
        return str(made["id"])

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request; returns the status and the JSON."""
        status, content = self.send(method, path, json.dumps(body).encode() if body else b"")
        return status, json.loads(content or b"null")

    def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send one request; returns the status and the bytes."""
        data = body or (b"" if method == "POST" else None)
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=PATIENCE_S) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def executions(self, workflow_id: str) -> dict[str, int]:
        """How many executions the workflow has, by status, read from the database itself."""
        with self._reading() as connection:
            return dict(
                connection.execute(
                    "SELECT status, count(*) FROM executions WHERE workflow_id = ? GROUP BY status",
                    (workflow_id,),
                ).fetchall()
            )

    def wait_until_finished(self) -> None:
        """Wait until no execution is open."""
        started = time.monotonic()
        with self._reading() as connection:
            # What is due some time is open; this is indexed, so that looking disturbs nothing.
            while connection.execute(
                "SELECT 1 FROM executions WHERE due_at IS NOT NULL LIMIT 1"
            ).fetchone():
                if time.monotonic() - started > FINISHED_WITHIN_S:
                    raise BenchError(f"executions still open after {FINISHED_WITHIN_S:.0f} s")
                time.sleep(0.01)

    def _reading(self) -> _Reading:
        return _Reading(self._database)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            text = self._out.read_text()
            if READY in text and text.endswith("\n"):
                break
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"treadle up did not get ready:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.02)
        self.url = text.split(READY, 1)[1].split()[0]
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80

    def _sign_up(self) -> None:
        account = {
            "email": "bench@example.com",
            "password": "correct horse battery",
            "name": "Bench",
        }
        status, answer = self.call("POST", "/api/v1/auth/signup", account)
        if status != 201:
            raise BenchError(f"signing up was refused: {answer}")
        self.headers["Authorization"] = f"Bearer {answer['api_key']}"


class _Reading:
    """A read-only connection that is closed when its block ends."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE_S
        )

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
