"""The folder that holds everything embedded: whose it is, and the key that it needs."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from layers.errors import SetupError


def claim(folder: Path) -> int:
    """Take the folder for this process until it ends; raises SetupError if another has it.

    Returns the open lock file, which must stay open.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"The data folder {folder} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SetupError(
            f"Another 'treadle up' runs on {folder}. Stop it, or name another folder with --data."
        ) from None
    return descriptor


def secret_key(folder: Path) -> tuple[str, bool]:
    """The key that encrypts this folder's secrets, and whether it was made just now."""
    path = folder / "secret.key"
    if path.exists():
        return path.read_text().strip(), False
    key = secrets.token_urlsafe(32)
    # Written aside and renamed: a crash in between must not leave half a key.
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key + "\n")
        stream.flush()
        os.fsync(descriptor)
    fresh.rename(path)
    return key, True
