"""A real S3 server on a free port, for as long as the tests of this folder run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local_emulator.kinship import die_with_parent
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until

KEY, SECRET = "test-key", "test/secret+key"


def wait_for_port(process: subprocess.Popen[bytes], port: int) -> None:
    def serves() -> bool:
        assert process.poll() is None, "The S3 server ended before it served."
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S):
            return True
        return False

    until(serves, "the S3 server serves")


def start_s3(folder: Path, port: int, key: str, secret: str) -> subprocess.Popen[bytes]:
    """Start a server that keeps its objects below ``folder``, and wait until it serves."""
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("nanio")),
            "serve",
            *("--host", "127.0.0.1"),
            *("--port", str(port)),
            *("--data-dir", str(folder)),
            *("--log-level", "error"),
            "--no-access-log",
        ],
        env={**os.environ, "NANIO_ACCESS_KEY": key, "NANIO_SECRET_KEY": secret},
        preexec_fn=die_with_parent(),
    )
    wait_for_port(process, port)
    return process


def start_moto(port: int) -> subprocess.Popen[bytes]:
    """Start a server that keeps its objects in memory, and wait until it serves."""
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("moto_server")),
            *("-H", "127.0.0.1"),
            *("-p", str(port)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(),
    )
    wait_for_port(process, port)
    return process


@pytest.fixture(scope="session")
def moto_server() -> Iterator[int]:
    """Give the port of a second kind of S3 server, which follows Amazon's more closely."""
    port = free_port()
    process = start_moto(port)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Give the port and the folder in which the server keeps its objects."""
    folder = tmp_path_factory.mktemp("s3")
    port = free_port()
    process = start_s3(folder, port, KEY, SECRET)
    try:
        yield port, folder
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
