"""One artifact on its way into a bucket."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from typing import IO

from layers.artifacts.port import ArtifactUnavailable

_IN_MEMORY = 1024 * 1024
Upload = Callable[[str, IO[bytes], int], None]
"""Puts so many bytes of a file under a digest; raises StorageFull or ArtifactUnavailable."""


class S3Writer:
    """Implements ArtifactWriter: gathers the bytes here, since their digest is their name there.

    The file that it gathers them in has no name: the system takes it back when the process dies.
    """

    def __init__(self, upload: Upload) -> None:
        self.size = 0
        self._upload = upload
        self._digest = hashlib.sha256()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - until its end

    def write(self, piece: bytes) -> None:
        """Add bytes; raises ArtifactUnavailable where this machine has no room for them."""
        try:
            self._file.write(piece)
        except OSError as error:
            raise ArtifactUnavailable(
                "Artifact unavailable: it cannot be gathered in this machine's folder for "
                f"temporary files ({error.strerror}).",
                retryable=True,
            ) from error
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self) -> str:
        """Upload what was written, in parts if it is large, and return its digest."""
        digest = f"sha256:{self._digest.hexdigest()}"
        try:
            self._file.seek(0)
            self._upload(digest, self._file, self.size)
        finally:
            self.discard()
        return digest

    def discard(self) -> None:
        """Forget what was written."""
        self._file.close()
