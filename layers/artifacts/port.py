"""What an artifact store does, and how it fails."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Protocol

from layers.errors import Unavailable

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ArtifactStore(Protocol):
    """Keeps bytes under their digest. Calls block; on an event loop use a thread."""

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest, ``sha256:`` and 64 hexadecimal digits.

        The same bytes twice are kept once. Raises StorageFull or ArtifactUnavailable, and leaves
        nothing behind then.
        """
        ...

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        ...

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        ...

    def delete(self, workspace_id: str, digest: str) -> None:
        """Take the artifact away; none there is no error."""
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
    if not _WORKSPACE.fullmatch(workspace_id):
        raise ArtifactUnavailable("The workspace's id is malformed.")
    if not _DIGEST.fullmatch(digest):
        raise ArtifactUnavailable("The artifact's digest is malformed.")
    return f"ws/{workspace_id}/{digest}"


def missing(digest: str) -> ArtifactUnavailable:
    """The error for an artifact that the workspace does not have."""
    return ArtifactUnavailable(f"Artifact unavailable: {digest} is not in this workspace.")


def verified(digest: str, content: bytes) -> bytes:
    """Return the bytes if they are the ones named; raises ArtifactUnavailable otherwise."""
    if digest_of(content) != digest:
        raise ArtifactUnavailable(
            f"Artifact unavailable: what is stored as {digest} is damaged. Store it again."
        )
    return content
