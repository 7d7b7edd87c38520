"""The files that travel with items, kept as artifacts of their workspace."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import ParamSpec, TypeVar

from layers.artifacts.in_time import in_time
from layers.artifacts.pieces import pieces
from layers.artifacts.port import (
    ArtifactStore,
    ArtifactUnavailable,
    ArtifactWriter,
    StorageFull,
    folder_of,
    key_of,
)
from layers.contract import FileRef, NodeError

P = ParamSpec("P")
R = TypeVar("R")

_HOP = 256 * 1024
"""Smaller pieces are gathered: each way to a thread and back costs more than they do."""


class StoredFiles:
    """Implements FileStore for one workspace; a reference's ``key`` is the artifact's digest."""

    def __init__(self, store: ArtifactStore, workspace_id: str) -> None:
        self._store = store
        self._workspace_id = workspace_id

    async def open(self, file: FileRef) -> AsyncIterator[bytes]:
        """The file's bytes, in pieces; raises NodeError (``artifact_unavailable``)."""
        try:
            key_of(self._workspace_id, file.key)
            span = (0, file.size)
            async for piece in pieces(self._store, self._workspace_id, file.key, file.size, span):
                yield piece
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{file.name}' cannot be read", error) from error

    @asynccontextmanager
    async def create(self, name: str, media_type: str) -> AsyncIterator[StoredFileWriter]:
        """A writer for a new file; raises NodeError (``storage_full``, ``artifact_unavailable``).

        Nothing is kept of what is not finished when the block ends.
        """
        try:
            folder_of(self._workspace_id)
            writer = await in_time(0, self._store.create, self._workspace_id)
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{name}' cannot be kept", error) from error
        made = StoredFileWriter(writer, name, media_type)
        try:
            yield made
        finally:
            await made.discard()

    async def read(self, file: FileRef) -> bytes:
        """Return the file's bytes; raises NodeError (``artifact_unavailable``) if it is gone."""
        try:
            return await in_time(file.size, self._store.get, self._workspace_id, file.key)
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{file.name}' cannot be read", error) from error

    async def write(self, name: str, media_type: str, content: bytes) -> FileRef:
        """Keep the bytes; raises NodeError (``storage_full`` or ``artifact_unavailable``)."""
        try:
            digest = await in_time(len(content), self._store.put, self._workspace_id, content)
        except ArtifactUnavailable as error:
            raise _node_error(f"The file '{name}' cannot be kept", error) from error
        return FileRef(name=name, media_type=media_type, size=len(content), key=digest)


class StoredFileWriter:
    """Implements FileWriter."""

    def __init__(self, writer: ArtifactWriter, name: str, media_type: str) -> None:
        self._writer = writer
        self._name = name
        self._media_type = media_type
        self._gathered = bytearray()
        self._is_over = False
        # A call that nobody waits for any more may still be at work when it is discarded.
        self._one_at_a_time = threading.Lock()

    async def write(self, piece: bytes) -> None:
        """Add bytes; raises NodeError (``storage_full`` or ``artifact_unavailable``)."""
        self._gathered += piece
        if len(self._gathered) >= _HOP:
            await self._pass_on()

    async def finish(self) -> FileRef:
        """Keep the file and return the reference to put on an item; raises as ``write`` does."""
        await self._pass_on()
        try:
            digest = await in_time(self._writer.size, self._alone, self._writer.finish)
        except ArtifactUnavailable as error:
            raise self._wrong(error) from error
        self._is_over = True
        return FileRef(self._name, self._media_type, self._writer.size, digest)

    async def discard(self) -> None:
        """Leave nothing behind, unless the file is finished."""
        if self._is_over:
            return
        self._is_over = True
        self._gathered.clear()
        # What went wrong before says more, and what is left is taken away later.
        with suppress(ArtifactUnavailable):
            await in_time(0, self._alone, self._writer.discard)

    async def _pass_on(self) -> None:
        gathered, self._gathered = bytes(self._gathered), bytearray()
        if not gathered:
            return
        try:
            await in_time(len(gathered), self._alone, self._writer.write, gathered)
        except ArtifactUnavailable as error:
            raise self._wrong(error) from error

    def _alone(self, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._one_at_a_time:
            return call(*args, **kwargs)

    def _wrong(self, error: ArtifactUnavailable) -> NodeError:
        return _node_error(f"The file '{self._name}' cannot be kept", error)


def _node_error(what: str, error: ArtifactUnavailable) -> NodeError:
    kind = "storage_full" if isinstance(error, StorageFull) else "artifact_unavailable"
    return NodeError(f"{what}. {error.detail}", retry=error.retryable, kind=kind)
