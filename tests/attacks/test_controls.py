"""The battery can fail: outside a sandbox, harmless scripts of it say that they escaped."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.attacks import witness
from tests.attacks.bait import Bait
from tests.attacks.hostile import FOLDER, read_script
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox

PROGRAM = "import json, sys; exec(sys.argv[1]); print(json.dumps(run(json.loads(sys.argv[2]))))"
# They look, or connect to the bait; none changes anything outside its own process.
HARMLESS = (
    "chroot_escape",
    "host_environment",
    "host_files",
    "host_kernel",
    "inherited_descriptors",
    "kernel_files",
    "loopback",
    "multicast",
    "secrets_in_memory",
    "unix_sockets",
)
NEED_ROOT = {"chroot_escape"}


def outside(name: str, bait: Bait, environment: dict[str, str]) -> dict[str, object]:
    """Run a script as a plain program, with descriptors and an environment to find."""
    facts = bait.facts
    code = read_script(FOLDER / f"{name}.py").code
    with bait.canary.open() as inherited:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, code, json.dumps([facts])],
            env=environment,
            pass_fds=[inherited.fileno()],
            capture_output=True,
            text=True,
            check=True,
        )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])[0]
    return answer


@pytest.mark.parametrize("name", HARMLESS)
def test_without_a_sandbox_it_escapes(name: str, runner: RunnerProcess, bait: Bait) -> None:
    if name in NEED_ROOT and os.geteuid():
        pytest.skip("only root escapes this way")
    escaped = outside(name, bait, runner.environment)["escaped"]
    assert escaped is True or bait.take()
    bait.take()


def test_the_bait_would_show_an_escape(bait: Bait) -> None:
    bait.take()
    assert bait.canary.read_text()
    address = ("127.0.0.1", bait.facts["port"])
    socket.create_connection(address).close()
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"here", address)
    assert len(bait.take()) == 2


def test_the_witness_would_see_what_is_left() -> None:
    clean = {
        "tmp": [],
        "shm": [],
        "processes": [],
        "poisoned": [],
        "whole": True,
        "nodename": "sandbox",
        "folder": "/tmp",
        "ignored": [],
    }
    resting, busy, crowd = [2_000_000_000, "S", 1], [2_000_000_000, "R", 1], [2_000_000_000, "S", 2]
    assert witness.complaints(clean, "run") == {}
    assert witness.complaints({**clean, "processes": [resting]}, "warm") == {}
    assert witness.complaints({**clean, "processes": [resting]}, "run")
    for left in ([busy], [crowd], [resting, resting]):
        assert witness.complaints({**clean, "processes": left}, "warm")
    for name, value in (("tmp", ["left"]), ("whole", False), ("nodename", "left")):
        assert witness.complaints({**clean, name: value}, "run") == {name: value}
