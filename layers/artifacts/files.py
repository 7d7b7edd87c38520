"""The files that travel with items, kept as artifacts of their workspace."""

from __future__ import annotations

import asyncio

from layers.artifacts.port import ArtifactStore, ArtifactUnavailable, StorageFull
from layers.contract import FileRef, NodeError


class StoredFiles:
    """Implements FileStore for one workspace; a reference's ``key`` is the artifact's digest."""

    def __init__(self, store: ArtifactStore, workspace_id: str) -> None:
        self._store = store
        self._workspace_id = workspace_id

    async def read(self, file: FileRef) -> bytes:
        """Return the file's bytes; raises NodeError (``artifact_unavailable``) if it is gone."""
        try:
            return await asyncio.to_thread(self._store.get, self._workspace_id, file.key)
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{file.name}' cannot be read", error) from error

    async def write(self, name: str, media_type: str, content: bytes) -> FileRef:
        """Keep the bytes; raises NodeError (``storage_full`` or ``artifact_unavailable``)."""
        try:
            digest = await asyncio.to_thread(self._store.put, self._workspace_id, content)
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{name}' cannot be kept", error) from error
        return FileRef(name=name, media_type=media_type, size=len(content), key=digest)


def _node_error(what: str, error: ArtifactUnavailable) -> NodeError:
    kind = "storage_full" if isinstance(error, StorageFull) else "artifact_unavailable"
    return NodeError(f"{what}. {error.detail}", retry=error.retryable, kind=kind)
