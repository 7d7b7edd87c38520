"""The disk of the artifacts is full: what is too large is refused clearly, the rest goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.waiting import until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root may mount a small disk"),
]

LARGE = "x" * 200_000
WORKFLOW = {
    "name": "Copy",
    "nodes": [
        {"id": "hook", "type": "webhook", "params": {"path": "copy"}},
        {
            "id": "grow",
            "type": "set",
            "params": {"fields": {"text": "{{ item.body.text * item.body.times }}"}},
        },
    ],
    "connections": [{"from": "hook", "to": "grow"}],
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("NOT TESTED: a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_and_recovers(
    tmp_path: Path, small_disk: Path, effects: Effects
) -> None:
    artifacts = f"file://{small_disk}"
    with Instance(tmp_path / "data", effects, TREADLE_ARTIFACTS_URL=artifacts) as instance:
        instance.open(lambda _url: WORKFLOW)
        instance.start("worker-1")
        filler = small_disk / "filler"
        fill(filler)

        code, problem = send(instance, LARGE, 1)
        assert code in (503, 507), problem
        assert "full" in problem["detail"]
        assert instance.history.rows("SELECT id FROM executions") == []

        code, answer = send(instance, "small", 1)
        assert code == 202
        wait_for(instance, answer["execution_id"], "succeeded")

        # A step whose output is too large waits for room rather than to be lost.
        code, answer = send(instance, "y" * 1000, 200)
        assert code == 202
        instance.parts["worker-1"].says("full")
        filler.unlink()
        wait_for(instance, answer["execution_id"], "succeeded")

        code, answer = send(instance, LARGE, 1)
        assert code == 202
        wait_for(instance, answer["execution_id"], "succeeded")
        assert not list(small_disk.glob("**/.incoming-*"))


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 4096)
        except OSError:
            pass


def send(instance: Instance, text: str, times: int) -> tuple[int, Any]:
    return instance.caller.call("POST", "/hooks/copy", {"text": text, "times": times})


def wait_for(instance: Instance, execution_id: str, status: str) -> None:
    def found() -> str:
        rows = instance.history.rows(
            "SELECT status FROM executions WHERE id = :id", id=execution_id
        )
        return str(rows[0].status)

    until(lambda: found() == status, lambda: f"{status}, is {found()}\n{instance.log('worker-1')}")
