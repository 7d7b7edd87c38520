"""An artifact store that lives and dies with the process: for tests."""

from __future__ import annotations

from layers.artifacts.port import digest_of, key_of, missing, verified


class MemoryStore:
    """Implements ArtifactStore on a dict, ``objects``, which a test may damage."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest."""
        digest = digest_of(content)
        self.objects[key_of(workspace_id, digest)] = bytes(content)
        return digest

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        content = self.objects.get(key_of(workspace_id, digest))
        if content is None:
            raise missing(digest)
        return verified(digest, content)

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact."""
        return key_of(workspace_id, digest) in self.objects

    def delete(self, workspace_id: str, digest: str) -> None:
        """Take the artifact away; none there is no error."""
        self.objects.pop(key_of(workspace_id, digest), None)
