"""Artifacts in a folder: whole files only, and no symbolic link is ever followed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layers.artifacts.folder_files import as_ours, is_unfinished, put_at, read_file, write_file
from layers.artifacts.folder_writer import FolderWriter
from layers.artifacts.port import (
    digest_of,
    folder_of,
    is_digest,
    key_of,
    missing,
    of_length,
    verified,
)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


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
        with as_ours("kept"):
            folder = self._open(workspace_id, create=True)
            try:
                fcntl.flock(folder, fcntl.LOCK_SH)
                # Read back, so that a damaged file is replaced and not taken for the artifact.
                if read_file(folder, digest) == content:
                    os.utime(digest, dir_fd=folder, follow_symlinks=False)
                else:
                    write_file(folder, digest, content)
            finally:
                os.close(folder)
        return digest

    def create(self, workspace_id: str) -> FolderWriter:
        """Begin an artifact; raises StorageFull or ArtifactUnavailable."""
        folder_of(workspace_id)
        with as_ours("kept"):
            return FolderWriter(self._open(workspace_id, create=True))

    def length(self, workspace_id: str, digest: str) -> int:
        """How many bytes the artifact has; raises ArtifactUnavailable."""
        key_of(workspace_id, digest)
        with as_ours("found"), self._folder(workspace_id) as folder:
            if folder is not None:
                with suppress(FileNotFoundError):
                    return os.stat(digest, dir_fd=folder, follow_symlinks=False).st_size
        raise missing(digest)

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        key_of(workspace_id, digest)
        with as_ours("read"), self._folder(workspace_id) as folder:
            content = None if folder is None else read_file(folder, digest)
        if content is None:
            raise missing(digest)
        return verified(digest, content)

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        """Return some of the bytes; raises ArtifactUnavailable."""
        key_of(workspace_id, digest)
        with as_ours("read"), self._folder(workspace_id) as folder:
            content = None if folder is None else read_file(folder, digest, start, length)
        if content is None:
            raise missing(digest)
        return of_length(digest, content, length)

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        key_of(workspace_id, digest)
        with as_ours("found"), self._folder(workspace_id) as folder:
            if folder is None:
                return False
            with suppress(FileNotFoundError):
                os.stat(digest, dir_fd=folder, follow_symlinks=False)
                return True
        return False

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since then; none there is no error."""
        key_of(workspace_id, digest)
        with as_ours("deleted"), self._folder(workspace_id) as folder:
            if folder is not None:
                with suppress(FileNotFoundError):
                    fcntl.flock(folder, fcntl.LOCK_EX)
                    if put_before is None or put_at(folder, digest) < put_before:
                        os.unlink(digest, dir_fd=folder)

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since; raises ArtifactUnavailable."""
        folder_of(workspace_id)
        with as_ours("listed"), self._folder(workspace_id) as folder:
            if folder is None:
                return
            with os.scandir(folder) as found:
                for one in found:
                    with suppress(FileNotFoundError):
                        if is_digest(one.name) and put_at(folder, one.name) < moment:
                            yield one.name

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps; raises ArtifactUnavailable."""
        folder_of(workspace_id)
        total = 0
        with as_ours("measured"), self._folder(workspace_id) as folder:
            if folder is not None:
                with os.scandir(folder) as found:
                    for one in found:
                        with suppress(FileNotFoundError):
                            total += one.stat(follow_symlinks=False).st_size
        return total

    def discard_unfinished(self, workspace_id: str, before: float) -> None:
        """Take away what writers that died before that moment have left."""
        folder_of(workspace_id)
        with as_ours("deleted"), self._folder(workspace_id) as folder:
            if folder is None:
                return
            with os.scandir(folder) as found:
                for one in found:
                    with suppress(FileNotFoundError):
                        if is_unfinished(one.name) and put_at(folder, one.name) < before:
                            os.unlink(one.name, dir_fd=folder)

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
