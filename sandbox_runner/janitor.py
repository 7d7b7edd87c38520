"""Prepares the runner's folder: one runner at a time, and nothing left of the one before."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path

from layers import jsontext
from layers.errors import SetupError
from layers.log import logger
from sandbox_runner import cgroups, processes

_log = logger("runner")
_GUEST = Path(__file__).parent / "guest"
_PATIENCE_S = 3.0


def lock(folder: Path) -> int:
    """Claim the folder for this process; raises SetupError where another runner has it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            # A runner that is being replaced may still be removing its sandboxes.
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise SetupError(
                    f"Another sandbox runner uses {folder}; stop it, or set TREADLE_DATA."
                ) from None
            time.sleep(0.05)


def sweep(folder: Path, groups: cgroups.Cgroups) -> None:
    """Kill and remove whatever an earlier runner of this folder left behind."""
    boxes = folder / "boxes"
    left = sorted(boxes.iterdir()) if boxes.is_dir() else []
    for box in left:
        _remove(_recorded(box / "groups.json"), box.name)
        _log.warning("removed the sandbox %s of an earlier runner", box.name)
    for group in groups.leftovers():
        _remove([group], group.name.rpartition("-")[2])
    for name in ("boxes", "state", "guest", "building"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("boxes", "state", "building"):
        (folder / name).mkdir(mode=0o700)


def copy_guest(folder: Path) -> Path:
    """Copy the guest's code to where the sandbox may read it, and only it."""
    target = folder / "guest"
    package = target / "sandbox_runner" / "guest"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    for source in _GUEST.glob("*.py"):
        shutil.copyfile(source, package / source.name)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def _recorded(path: Path) -> list[Path]:
    try:
        names = jsontext.loads(path.read_bytes())
    except (OSError, jsontext.InvalidJson):
        return []
    # Only folders of our own making: they end with the sandbox's name.
    return [Path(name) for name in names if Path(name).name.endswith(f"-{path.parent.name}")]


def _remove(folders: list[Path], name: str) -> None:
    for _ in range(500):
        found = cgroups.kill_in(folders) | processes.kill_named(name)
        if not found and cgroups.drop(folders):
            return
        time.sleep(0.002)
    _log.error("the sandbox %s of an earlier runner could not be removed", name)
