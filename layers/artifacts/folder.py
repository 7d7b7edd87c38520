"""Artifacts in a folder: whole files only, and no symbolic link is ever followed."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layers.artifacts.port import (
    ArtifactUnavailable,
    StorageFull,
    digest_of,
    folder_of,
    is_digest,
    key_of,
    missing,
    of_length,
    verified,
)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PASSING = frozenset({errno.EAGAIN, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE})


class FolderStore:
    """Implements ArtifactStore below ``root``, as ``ws/<workspace>/<digest>``.

    A file is written aside, brought to the disk and then renamed, so that a crash or a full disk
    leaves the whole artifact or none. Its time of change is when it was last put; the lock on the
    folder keeps one that is put again from being deleted as old at the same moment.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest; raises StorageFull or ArtifactUnavailable."""
        digest = digest_of(content)
        key_of(workspace_id, digest)
        with _as_ours("kept"):
            folder = self._open(workspace_id, create=True)
            try:
                fcntl.flock(folder, fcntl.LOCK_SH)
                # Read back, so that a damaged file is replaced and not taken for the artifact.
                if _read(folder, digest) == content:
                    os.utime(digest, dir_fd=folder, follow_symlinks=False)
                else:
                    _write(folder, digest, content)
            finally:
                os.close(folder)
        return digest

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        key_of(workspace_id, digest)
        with _as_ours("read"), self._folder(workspace_id) as folder:
            content = None if folder is None else _read(folder, digest)
        if content is None:
            raise missing(digest)
        return verified(digest, content)

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        """Return some of the bytes; raises ArtifactUnavailable."""
        key_of(workspace_id, digest)
        with _as_ours("read"), self._folder(workspace_id) as folder:
            content = None if folder is None else _read(folder, digest, start, length)
        if content is None:
            raise missing(digest)
        return of_length(digest, content, length)

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        key_of(workspace_id, digest)
        with _as_ours("found"), self._folder(workspace_id) as folder:
            if folder is None:
                return False
            with suppress(FileNotFoundError):
                os.stat(digest, dir_fd=folder, follow_symlinks=False)
                return True
        return False

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since then; none there is no error."""
        key_of(workspace_id, digest)
        with _as_ours("deleted"), self._folder(workspace_id) as folder:
            if folder is not None:
                with suppress(FileNotFoundError):
                    fcntl.flock(folder, fcntl.LOCK_EX)
                    if put_before is None or _put_at(folder, digest) < put_before:
                        os.unlink(digest, dir_fd=folder)

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since; raises ArtifactUnavailable."""
        folder_of(workspace_id)
        with _as_ours("listed"), self._folder(workspace_id) as folder:
            if folder is None:
                return
            with os.scandir(folder) as found:
                for one in found:
                    with suppress(FileNotFoundError):
                        if is_digest(one.name) and _put_at(folder, one.name) < moment:
                            yield one.name

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps; raises ArtifactUnavailable."""
        folder_of(workspace_id)
        total = 0
        with _as_ours("measured"), self._folder(workspace_id) as folder:
            if folder is not None:
                with os.scandir(folder) as found:
                    for one in found:
                        with suppress(FileNotFoundError):
                            total += one.stat(follow_symlinks=False).st_size
        return total

    @contextmanager
    def _folder(self, workspace_id: str) -> Iterator[int | None]:
        """Open the workspace's folder; None if it is not there."""
        try:
            folder = self._open(workspace_id, create=False)
        except FileNotFoundError:
            yield None
            return
        try:
            yield folder
        finally:
            os.close(folder)

    def _open(self, workspace_id: str, *, create: bool) -> int:
        """Walk down from the root, which alone may be a link, and return the descriptor."""
        if create:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        for name in ("ws", workspace_id):
            parent = folder
            try:
                if create:
                    _make_folder(parent, name)
                folder = os.open(name, _FOLDER, dir_fd=parent)
            finally:
                os.close(parent)
        return folder


def _make_folder(parent: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
        os.fsync(parent)


def _put_at(folder: int, name: str) -> float:
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime


def _read(folder: int, name: str, start: int = 0, length: int = -1) -> bytes | None:
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


def _write(folder: int, name: str, content: bytes) -> None:
    """Write aside, bring to the disk, rename: the name never stands for a part."""
    aside = f".incoming-{secrets.token_hex(16)}"
    try:
        with os.fdopen(os.open(aside, _CREATE, 0o600, dir_fd=folder), "wb") as file:
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
def _as_ours(done: str) -> Iterator[None]:
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
