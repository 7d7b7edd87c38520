"""What a step is held against: programs started bare, and another language's sandbox."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.product import BenchError

_VM = (
    "const vm=require('vm');process.stdin.on('data',()=>{"
    "vm.runInNewContext('run([])',{run:x=>x});process.stdout.write('.')})"
)


def python() -> Path:
    """A Python that is a program and not a script that starts one: Debian's, else ours."""
    debian = Path("/usr/bin/python3.11")
    return debian if debian.exists() else Path(sys.executable).resolve()


def commands() -> dict[str, list[str]]:
    """Programs to start and wait for, by what they are called."""
    found = {
        "python3 -I -S -c pass": [str(python()), "-I", "-S", "-c", "pass"],
        "python3 -c pass": [str(python()), "-c", "pass"],
    }
    if node := shutil.which("node"):
        code = "require('vm').runInNewContext('run([])',{run:x=>x})"
        found["node, a process each"] = [node, "-e", code]
    return found


def started(command: list[str], seconds: float) -> list[float]:
    """Start a program again and again; return the milliseconds of each."""
    return _timed(seconds, lambda: subprocess.run(command, check=True, capture_output=True))


def node_vm(seconds: float) -> list[float] | None:
    """Ask one living Node.js for a new vm context each time; None where there is no Node.js."""
    node = shutil.which("node")
    if node is None:
        return None
    with subprocess.Popen([node, "-e", _VM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdin is not None
        assert one.stdout is not None
        sink, source = one.stdin, one.stdout

        def ask() -> None:
            sink.write(b".")
            sink.flush()
            if source.read(1) != b".":
                raise BenchError("node did not answer")

        times = _timed(seconds, ask)
        one.kill()
    return times


def _timed(seconds: float, act: Callable[[], object]) -> list[float]:
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1e3)
    return times
