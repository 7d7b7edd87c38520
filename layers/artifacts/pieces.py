"""An artifact in pieces, so that nobody holds more of it than one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from layers.artifacts.in_time import in_time
from layers.artifacts.port import ArtifactStore, ArtifactUnavailable

PIECE = 512 * 1024


async def pieces(
    store: ArtifactStore, workspace_id: str, digest: str, size: int, span: tuple[int, int]
) -> AsyncIterator[bytes]:
    """The bytes from ``span[0]`` on and before ``span[1]``, of an artifact of ``size`` bytes.

    All of them together are checked against the digest before the last piece is given. Raises
    ArtifactUnavailable. No connection is kept between two pieces: whoever reads may be slow.
    """
    at, end = span
    whole = hashlib.sha256() if span == (0, size) else None
    while at < end:
        length = min(PIECE, end - at)
        piece = await in_time(length, store.part, workspace_id, digest, at, length)
        at += len(piece)
        if whole is not None:
            whole.update(piece)
        is_damaged = whole is not None and at >= end and f"sha256:{whole.hexdigest()}" != digest
        if not piece or is_damaged:
            raise ArtifactUnavailable("Artifact unavailable: it is damaged.")
        yield piece
