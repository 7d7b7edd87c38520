"""Following a Python step of the real product, whose parts are processes of their own."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.local_emulator.test_up import address, start
from tests.sandbox_runner.runner_process import require_runsc
from tests.waiting import PATIENCE_S

CODE = """
import time

def run(items):
    print("begun")
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        time.sleep(0.1)
    return items
"""


def call(url: str, body: Any = None, key: str = "") -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, headers if key else {"content-type": headers["content-type"]}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        return json.load(response)


def events(url: str, key: str) -> Iterator[tuple[str, Any]]:
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        name = ""
        for line in response:
            kind, _, value = line.decode().rstrip("\n").partition(": ")
            if kind == "event":
                name = value
            elif kind == "data":
                yield name, json.loads(value)


def test_what_a_step_prints_is_seen_while_it_runs_in_another_process(tmp_path: Path) -> None:
    require_runsc()
    with start(tmp_path, "--no-demo") as running:
        api = f"{address(running)}/api/v1"
        person = {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}
        key = call(f"{api}/auth/signup", person)["api_key"]
        params = {"code": CODE, "timeout_s": 600}
        workflow = {
            "name": "Slow",
            "nodes": [
                {"id": "start", "type": "manual"},
                {"id": "code", "type": "python", "params": params},
            ],
            "connections": [{"from": "start", "to": "code"}],
        }
        made = call(f"{api}/workflows", workflow, key)
        started = call(f"{api}/workflows/{made['id']}/run", {"items": [{"n": 1}]}, key)
        execution = f"{api}/executions/{started['execution_id']}"
        seen: list[str] = []
        for name, data in events(f"{execution}/events", key):
            seen.append(name)
            if name == "log":
                assert data == {
                    "node_id": "code",
                    "run_index": 0,
                    "stream": "stdout",
                    "text": "begun\n",
                }
                assert call(execution, key=key)["status"] == "running"
                call(f"{execution}/cancel", {}, key)
        assert seen[-1] == "end"
        assert "log" in seen
        entries = call(f"{api}/audit-log?action=python.run", key=key)["items"]
        assert [one["detail"]["outcome"] for one in entries] == ["cancelled"]
        assert entries[0]["actor"] == f"execution:{started['execution_id']}"
        assert running.ask_to_stop() == 0
