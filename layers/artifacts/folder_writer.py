"""One artifact on its way into the folder store."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import suppress

from layers.artifacts.folder_files import as_ours, create_aside, holds


class FolderWriter:
    """Implements ArtifactWriter: writes aside, and gives the file its name when it is whole.

    It takes over the descriptor of the workspace's folder.
    """

    def __init__(self, folder: int) -> None:
        self.size = 0
        self._folder = folder
        self._digest = hashlib.sha256()
        try:
            self._name, descriptor = create_aside(folder)
        except BaseException:
            os.close(folder)
            raise
        self._file = os.fdopen(descriptor, "wb")

    def write(self, piece: bytes) -> None:
        """Add bytes; raises StorageFull or ArtifactUnavailable."""
        with as_ours("kept"):
            self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self) -> str:
        """Bring it to the disk, then name it by its digest, which is returned."""
        digest = f"sha256:{self._digest.hexdigest()}"
        try:
            with as_ours("kept"):
                self._file.flush()
                os.fsync(self._file.fileno())
                # Its time of change says when it was put, however long the writing took.
                os.utime(self._file.fileno())
                fcntl.flock(self._folder, fcntl.LOCK_SH)
                if holds(self._folder, digest):
                    os.utime(digest, dir_fd=self._folder, follow_symlinks=False)
                else:
                    os.replace(self._name, digest, src_dir_fd=self._folder, dst_dir_fd=self._folder)
                    os.fsync(self._folder)
        finally:
            self.discard()
        return digest

    def discard(self) -> None:
        """Leave nothing behind that is not finished."""
        if self._file.closed:
            return
        try:
            with suppress(OSError):
                # What is still to be written may find no room: it is not wanted any more.
                self._file.close()
            with as_ours("deleted"), suppress(FileNotFoundError):
                os.unlink(self._name, dir_fd=self._folder)
        finally:
            os.close(self._folder)
