"""Content by its digest, apart for each workspace: plugin archives, and the files of items."""

from layers.artifacts.files import StoredFiles
from layers.artifacts.opening import open_store
from layers.artifacts.port import ArtifactStore, ArtifactUnavailable, StorageFull

__all__ = ["ArtifactStore", "ArtifactUnavailable", "StorageFull", "StoredFiles", "open_store"]
