"""A sandbox runner of one's own, for as long as one workflow runs."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from layers.errors import SetupError
from layers.settings import RunnerClientSettings, Settings
from layers.settings.environment import environment_with
from local_emulator.kinship import die_with_parent

STOP_WITHIN_S = 10.0


@contextmanager
def own_runner(settings: Settings) -> Iterator[Settings]:
    """Start a runner and give the settings that lead to it; it ends with the block."""
    token = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory(prefix="treadle-runner-") as folder:
        values = {
            "TREADLE_DATA": folder,
            "TREADLE_RUNNER_URL": "http://127.0.0.1:0",
            "TREADLE_RUNNER_TOKEN": token,
            "TREADLE_SANDBOX_POOL": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox_runner"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment_with(values),
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        try:
            url = _address(process)
            yield replace(settings, runner=RunnerClientSettings(url, token))
        finally:
            _stop(process)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    # Its first line ends with where it listens; there is none if it ends instead.
    line = process.stdout.readline()
    if not line:
        raise SetupError(f"The sandbox runner did not start: {process.stderr.read().strip()}")
    return line.split()[-1]


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
