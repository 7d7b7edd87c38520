"""An artifact store that lives and dies with the process: for tests."""

from __future__ import annotations

import time
from collections.abc import Iterator

from layers.artifacts.port import digest_of, folder_of, key_of, missing, of_length, verified


class MemoryStore:
    """Implements ArtifactStore on a dict, ``objects``, which a test may damage."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._put_at: dict[str, float] = {}

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest."""
        digest = digest_of(content)
        key = key_of(workspace_id, digest)
        self.objects[key] = bytes(content)
        self._put_at[key] = time.time()
        return digest

    def create(self, workspace_id: str) -> MemoryWriter:
        """Begin an artifact."""
        folder_of(workspace_id)
        return MemoryWriter(self, workspace_id)

    def length(self, workspace_id: str, digest: str) -> int:
        """How many bytes the artifact has; raises ArtifactUnavailable."""
        content = self.objects.get(key_of(workspace_id, digest))
        if content is None:
            raise missing(digest)
        return len(content)

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        content = self.objects.get(key_of(workspace_id, digest))
        if content is None:
            raise missing(digest)
        return verified(digest, content)

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        """Return some of the bytes; raises ArtifactUnavailable."""
        content = self.objects.get(key_of(workspace_id, digest))
        if content is None:
            raise missing(digest)
        return of_length(digest, content[start : start + length], length)

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact."""
        return key_of(workspace_id, digest) in self.objects

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since then; none there is no error."""
        key = key_of(workspace_id, digest)
        if put_before is None or self._put_at.get(key, 0.0) < put_before:
            self.objects.pop(key, None)

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps."""
        folder = folder_of(workspace_id)
        return sum(len(one) for key, one in self.objects.items() if key.startswith(folder))

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since."""
        folder = folder_of(workspace_id)
        for key in list(self.objects):
            if key.startswith(folder) and self._put_at[key] < moment:
                yield key.removeprefix(folder)

    def discard_unfinished(self, workspace_id: str, before: float) -> None:
        """Nothing outlives a writer here."""


class MemoryWriter:
    """Implements ArtifactWriter."""

    def __init__(self, store: MemoryStore, workspace_id: str) -> None:
        self.size = 0
        self._store = store
        self._workspace_id = workspace_id
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        self._pieces.append(bytes(piece))
        self.size += len(piece)

    def finish(self) -> str:
        """Keep what was written and return its digest."""
        return self._store.put(self._workspace_id, b"".join(self._pieces))

    def discard(self) -> None:
        """Forget what was written."""
        self._pieces.clear()
