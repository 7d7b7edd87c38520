"""The whole API against its own OpenAPI document, with what schemathesis thinks of sending."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import uvicorn

from functions.main import build_app, running
from functions.parts import Parts
from tests.waiting import until

CONFIG = Path(__file__).with_name("schemathesis.toml")
WITHIN_S = 600
"""Only for what hangs; a loaded machine is no failure."""
WHOLE = ("--max-examples", "5")
SAMPLE = ("--phases", "examples,fuzzing", "--max-examples", "2")


@pytest.fixture
def served(parts: Parts) -> Iterator[str]:
    """The app's address, served on this machine."""
    config = uvicorn.Config(
        build_app(parts, lifespan=running(parts)), log_level="error", access_log=False
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def serves() -> bool:
        assert thread.is_alive(), "it ended before it served"
        return server.started

    until(serves, "it serves")
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize(
    ("database_kind", "how_much"),
    [
        ("sqlite", WHOLE),
        # What differs by database has tests of its own for each of them.
        pytest.param("postgres", SAMPLE, marks=pytest.mark.postgres),
        pytest.param("postgres", WHOLE, marks=[pytest.mark.postgres, pytest.mark.slow]),
    ],
    indirect=["database_kind"],
    ids=["sqlite", "postgres-sample", "postgres"],
)
@pytest.mark.timeout(2 * WITHIN_S)
def test_the_api_does_what_its_document_says(
    served: str, tmp_path: Path, how_much: tuple[str, ...]
) -> None:
    # The first that asks waits for its making, longer beside other work than schemathesis would.
    requests.get(f"{served}/api/v1/openapi.json", timeout=WITHIN_S).raise_for_status()
    new = {"email": "a@example.com", "password": "correct horse battery", "name": "A"}
    made = requests.post(f"{served}/api/v1/auth/signup", json=new, timeout=30)
    found = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG)),
            *("run", f"{served}/api/v1/openapi.json", "--no-color", "--seed", "1"),
            *("--header", f"Authorization: Bearer {made.json()['api_key']}"),
            *("--checks", "all", "--exclude-checks", "object_level_authorization"),
            *("--no-shrink", *how_much),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
