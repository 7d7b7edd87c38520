"""Tries a store with one small artifact: is it there, and may this instance do what it has to?"""

from __future__ import annotations

import secrets

from layers.artifacts.port import ArtifactStore, ArtifactUnavailable

PLACE = "doctor"
"""No workspace is called so: what could not be taken away again is nobody's."""


class StoreRefuses(Exception):
    """What the store did not do; the text says that, and why."""


def try_out(store: ArtifactStore) -> None:
    """Put an artifact, read it and take it away again; raises StoreRefuses."""
    # Others may be trying the same store just now.
    content = b"Treadle tries its artifact store: " + secrets.token_hex(8).encode()
    doing = "written"
    try:
        digest = store.put(PLACE, content)
        doing = "read back"
        store.get(PLACE, digest)
        doing = "deleted"
        store.delete(PLACE, digest)
        if store.exists(PLACE, digest):
            raise StoreRefuses("an object is still there after it was deleted")
    except ArtifactUnavailable as error:
        why = (error.detail or type(error).__name__).removeprefix("Artifact unavailable: ")
        raise StoreRefuses(f"an object cannot be {doing}: {why}") from error
