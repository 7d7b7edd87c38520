"""Webhooks at a port of their own, as `treadle up` and `treadle gateway` open it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import requests

from tests.conftest import KEYS
from tests.local_emulator.running import Running
from tests.local_emulator.test_commands import TREADLE
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until


def environment(data: Path, port: int, hooks: int) -> dict[str, str]:
    return {
        **os.environ,
        "TREADLE_DATA": str(data),
        "TREADLE_PORT": str(port),
        "TREADLE_HOOKS_URL": f"http://127.0.0.1:{hooks}",
        "TREADLE_SECRET_KEYS": KEYS,
    }


def status(port: int, path: str) -> int:
    page = {"accept": "text/html"}
    url = f"http://127.0.0.1:{port}{path}"
    return requests.get(url, headers=page, timeout=PATIENCE_S).status_code


def serves_apart(port: int, hooks: int) -> bool:
    found = [status(one, path) for one in (port, hooks) for path in ("/login", "/healthz")]
    return found == [200, 200, 404, 200]


def test_treadle_up_listens_there_and_says_so(tmp_path: Path) -> None:
    port, hooks = free_port(), free_port()
    command = [TREADLE, "up", "--no-demo"]
    with Running(command, environment(tmp_path, port, hooks)) as running:
        running.says("Treadle is ready at ")
        running.says(f"Webhooks are at http://127.0.0.1:{hooks}/hooks/")
        assert serves_apart(port, hooks)
        assert running.ask_to_stop() == 0


def test_treadle_gateway_listens_there(tmp_path: Path) -> None:
    port, hooks = free_port(), free_port()
    given = environment(tmp_path, port, hooks)
    with Running([TREADLE, "migrate"], given) as migrating:
        assert migrating.finish() == 0
    with Running([TREADLE, "gateway"], given) as running:

        def serves() -> bool:
            assert running.process.poll() is None, "\n".join(running.log)
            try:
                return status(hooks, "/healthz") == 200
            except requests.ConnectionError:
                return False

        until(serves, "the gateway serves")
        assert serves_apart(port, hooks)
        assert running.ask_to_stop() == 0


def test_a_port_that_is_taken_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hooks = taken.getsockname()[1]
        given = environment(tmp_path, free_port(), hooks)
        with Running([TREADLE, "up", "--no-demo"], given) as running:
            assert running.finish() == 1
            assert any(f"Port {hooks}" in line for line in running.log)
            assert any("TREADLE_HOOKS_PORT" in line for line in running.log)
