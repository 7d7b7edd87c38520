"""Files of the folder store, by the descriptor of the folder that they are in."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from layers.artifacts.port import ArtifactUnavailable, StorageFull

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ASIDE = ".incoming-"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PASSING = frozenset({errno.EAGAIN, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE})


def put_at(folder: int, name: str) -> float:
    """When a file was last put, in seconds since the epoch; raises OSError."""
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime


def read_file(folder: int, name: str, start: int = 0, length: int = -1) -> bytes | None:
    """The bytes of a plain file, all of them or a part; None if there is none, or but a link."""
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        file.seek(start)
        return file.read(length)


def is_unfinished(name: str) -> bool:
    """Whether that is the name of a file that is being written, or whose writer has died."""
    return name.startswith(_ASIDE)


def create_aside(folder: int) -> tuple[str, int]:
    """Make an empty file beside the finished ones: its name, and a descriptor to write to."""
    aside = f"{_ASIDE}{secrets.token_hex(16)}"
    return aside, os.open(aside, _CREATE, 0o600, dir_fd=folder)


def holds(folder: int, name: str) -> bool:
    """Whether the file of that digest is there and undamaged; it is read in pieces."""
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return False
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == name


def write_file(folder: int, name: str, content: bytes) -> None:
    """Write aside, bring to the disk, rename: the name never stands for a part."""
    aside, descriptor = create_aside(folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(aside, dir_fd=folder)
        raise


@contextmanager
def as_ours(done: str) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise ArtifactUnavailable(
            f"Artifact unavailable: it cannot be {done} ({error.strerror}).",
            retryable=error.errno in _PASSING,
        ) from error
