"""What an artifact store does, and how it fails."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Protocol

from layers.errors import Unavailable

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ArtifactStore(Protocol):
    """Keeps bytes under their digest. Calls block; on an event loop use a thread.

    What no row of the workspace's tables names any more is deleted, a week after it was last put:
    whoever puts something writes its digest, as it is, into a text column of such a table.
    """

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest, ``sha256:`` and 64 hexadecimal digits.

        The same bytes twice are kept once, and count as put anew. Raises StorageFull or
        ArtifactUnavailable, and leaves nothing behind then.
        """
        ...

    def create(self, workspace_id: str) -> ArtifactWriter:
        """Begin an artifact of a size that is not known yet; raises as ``put`` does."""
        ...

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        ...

    def length(self, workspace_id: str, digest: str) -> int:
        """How many bytes the artifact has, which are not read; raises ArtifactUnavailable."""
        ...

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start`` on; raises ArtifactUnavailable, also if it has
        not so many.

        A part cannot be checked against the digest: whoever reads all of them does that.
        """
        ...

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        ...

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since ``put_before``; none there is no error.

        Moments are seconds since the epoch, by the store's own clock.
        """
        ...

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since ``moment``; raises ArtifactUnavailable."""
        ...

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps; raises ArtifactUnavailable."""
        ...

    def discard_unfinished(self, workspace_id: str, before: float) -> None:
        """Take away what writers that died before that moment have left; raises as others do."""
        ...


class ArtifactWriter(Protocol):
    """An artifact on its way into the store, piece by piece; there is none before ``finish``.

    Calls block, and may come from one thread after another. Whoever begins one ends it, by
    ``finish`` or ``discard``.
    """

    size: int
    """How many bytes were written."""

    def write(self, piece: bytes) -> None:
        """Add bytes; raises StorageFull or ArtifactUnavailable."""
        ...

    def finish(self) -> str:
        """Keep what was written, as ``put`` does, and return its digest.

        Raises StorageFull or ArtifactUnavailable, and leaves nothing behind then.
        """
        ...

    def discard(self) -> None:
        """Leave nothing behind; what is finished stays."""
        ...


class ArtifactUnavailable(Unavailable):
    """The artifact is unavailable: it is missing, damaged, or its store cannot be reached."""

    def __init__(self, detail: str | None = None, *, retryable: bool = False) -> None:
        super().__init__(detail)
        self.retryable = retryable
        """Whether trying again can help."""


class StorageFull(ArtifactUnavailable):
    """The artifact store is full; free space or give it more, then try again."""

    status = HTTPStatus.INSUFFICIENT_STORAGE

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, retryable=True)


def digest_of(content: bytes) -> str:
    """Return the name of these bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def key_of(workspace_id: str, digest: str) -> str:
    """Return ``ws/<workspace>/<digest>``; raises ArtifactUnavailable if either is malformed.

    Both are checked here because they become part of a path.
    """
    folder = folder_of(workspace_id)
    if not _DIGEST.fullmatch(digest):
        raise ArtifactUnavailable("The artifact's digest is malformed.")
    return folder + digest


def folder_of(workspace_id: str) -> str:
    """Return ``ws/<workspace>/``; raises ArtifactUnavailable if the id is malformed."""
    if not _WORKSPACE.fullmatch(workspace_id):
        raise ArtifactUnavailable("The workspace's id is malformed.")
    return f"ws/{workspace_id}/"


def is_digest(text: str) -> bool:
    """Say whether a text is the name of some bytes."""
    return _DIGEST.fullmatch(text) is not None


def missing(digest: str) -> ArtifactUnavailable:
    """The error for an artifact that the workspace does not have."""
    return ArtifactUnavailable(f"Artifact unavailable: {digest} is not in this workspace.")


def of_length(digest: str, content: bytes, length: int) -> bytes:
    """Return a part if it is one whole; raises ArtifactUnavailable."""
    if len(content) != length:
        raise ArtifactUnavailable(f"Artifact unavailable: {digest} is shorter than it was.")
    return content


def verified(digest: str, content: bytes) -> bytes:
    """Return the bytes if they are the ones named; raises ArtifactUnavailable otherwise."""
    if digest_of(content) != digest:
        raise ArtifactUnavailable(
            f"Artifact unavailable: what is stored as {digest} is damaged. Store it again."
        )
    return content
