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
from local_emulator.sockets import free_port

STOP_WITHIN_S = 10.0


@contextmanager
def own_runner(settings: Settings) -> Iterator[Settings]:
    """Start a runner and give the settings that lead to it; it ends with the block."""
    runner = RunnerClientSettings(f"http://127.0.0.1:{free_port()}", secrets.token_urlsafe(32))
    with tempfile.TemporaryDirectory(prefix="treadle-runner-") as folder:
        values = {
            "TREADLE_DATA": folder,
            "TREADLE_RUNNER_URL": runner.url,
            "TREADLE_RUNNER_TOKEN": runner.token,
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
            _wait_until_it_listens(process)
            yield replace(settings, runner=runner)
        finally:
            _stop(process)


def _wait_until_it_listens(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    # Its first line says that it listens; there is none if it ends instead.
    if not process.stdout.readline():
        raise SetupError(f"The sandbox runner did not start: {process.stderr.read().strip()}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
