"""What ``treadle doctor`` looks at, one function a thing."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from functions.checks import (
    Finding,
    artifacts,
    billing,
    database,
    language_models,
    queue,
    secret_keys,
    seller,
)
from layers.settings import Settings
from layers.settings.environment import environment_with
from layers.settings.runner import RunnerSettings, from_environment
from local_emulator.sockets import listen

PROBE_WITHIN_S = 60.0


def all_checks() -> list[Callable[[Settings], Finding]]:
    """Every check, in the order of the report."""
    return [
        python,
        uv,
        runsc,
        rootfs,
        sandbox,
        unprivileged,
        database,
        queue,
        artifacts,
        secret_keys,
        billing,
        seller,
        language_models,
        node_js,
    ]


def python(_settings: Settings) -> Finding:
    """The interpreter."""
    good = sys.version_info >= (3, 11)
    text = f"{platform.python_version()} at {sys.executable}"
    return Finding("Python", good, text, "Treadle needs Python 3.11 or newer; run 'make setup'.")


def uv(_settings: Settings) -> Finding:
    """The installer that 'make setup' uses."""
    private = Path(__file__).resolve().parents[1] / ".uv/bin/uv"
    found = str(private) if private.exists() else shutil.which("uv")
    remedy = "Only 'make setup' needs it, and fetches it by itself."
    return Finding("uv", found is not None, found or "not found", remedy, needed=False)


def runsc(settings: Settings) -> Finding:
    """The gVisor binary."""
    runner = _runner_settings(settings)
    remedy = "Run 'treadle setup', or name a runsc in TREADLE_RUNSC."
    if not runner.runsc.exists():
        return Finding("runsc", False, f"not at {runner.runsc}", remedy, needed=False)
    version = _first_line([str(runner.runsc), "--version"])
    text = f"{version}, platform {runner.platform}, at {runner.runsc}"
    return Finding("runsc", bool(version), text, remedy, needed=False)


def rootfs(settings: Settings) -> Finding:
    """What a sandbox sees as its file system."""
    folder = _runner_settings(settings).rootfs
    good = (folder / "usr/bin/python3").is_symlink()
    text = str(folder) if good else f"no Python root at {folder}"
    remedy = "Run 'treadle setup', or name one in TREADLE_SANDBOX_ROOTFS."
    return Finding("sandbox root", good, text, remedy, needed=False)


def sandbox(settings: Settings) -> Finding:
    """Code really run in a sandbox, as the runner does before it takes any."""
    remedy = "Python steps are refused until this works; everything else runs."
    with tempfile.TemporaryDirectory(prefix="treadle-doctor-") as folder:
        runner = replace(_runner_settings(settings), data=Path(folder), ready_boxes=0)
        state, reason, health = asyncio.run(_probe(runner))
    if state != "ready":
        return Finding("sandbox", False, reason, remedy, needed=False)
    tested: Any = health["self_test"]
    text = (
        f"{tested['attacks']} attacks on it were contained in {tested['seconds']:.1f} s; "
        f"platform {health['platform']}, limits by {health['limits']}"
    )
    return Finding("sandbox", True, text, remedy, needed=False)


def unprivileged(_settings: Settings) -> Finding:
    """What a sandbox would be here without root, as in most containers."""
    name = "sandbox without root"
    remedy = "Run the sandbox runner on a virtual machine and set TREADLE_RUNNER_URL to it."
    closed = [
        path
        for path, forbids in (
            ("/proc/sys/user/max_user_namespaces", "0"),
            ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
            ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
        )
        if _says(path, forbids)
    ]
    if closed:
        text = f"would not start: this kernel forbids user namespaces ({closed[0]})"
        return Finding(name, False, text, remedy, needed=False)
    text = (
        "this kernel allows user namespaces; isolation would be the same, but memory and "
        "processor time would be bounded a process only, and a container that filters "
        "unshare or ptrace would refuse Python steps"
    )
    return Finding(name, True, text, remedy, needed=False)


def _says(path: str, forbids: str) -> bool:
    try:
        return Path(path).read_text().strip() == forbids
    except OSError:
        return False


async def _probe(runner: RunnerSettings) -> tuple[str, str, dict[str, object]]:
    from sandbox_runner import janitor
    from sandbox_runner.service import Service

    lock = janitor.lock(runner.data / "sandbox")
    # What the sandboxes try to reach, and must not.
    bait = listen("127.0.0.1", 0)
    service = Service(runner, bait.getsockname()[1])
    service.start()
    try:
        await asyncio.wait_for(service.decided.wait(), PROBE_WITHIN_S)
        return service.state.value, service.reason, service.health()
    except TimeoutError:
        return "refusing", f"no answer within {PROBE_WITHIN_S:g} s", {}
    finally:
        await service.stop()
        bait.close()
        os.close(lock)


def node_js(_settings: Settings) -> Finding:
    """What builds the browser app."""
    version = _first_line(["node", "--version"]) if shutil.which("node") else ""
    remedy = "Only building the browser app needs it: install Node.js 20 or newer."
    return Finding("Node.js", bool(version), version or "not found", remedy, needed=False)


def _runner_settings(settings: Settings) -> RunnerSettings:
    token = settings.runner.token or "doctor"
    return from_environment(environment_with({"TREADLE_RUNNER_TOKEN": token}))


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = done.stdout.splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""
