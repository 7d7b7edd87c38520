"""Files of items, kept as artifacts."""

from __future__ import annotations

import asyncio

import pytest

from layers.artifacts import StorageFull, StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.artifacts.port import digest_of
from layers.contract import FileRef, NodeError


def test_a_written_file_is_read_back_by_its_reference() -> None:
    store = MemoryStore()
    files = StoredFiles(store, "w")
    file = asyncio.run(files.write("a.txt", "text/plain", b"hello"))
    assert file == FileRef("a.txt", "text/plain", 5, digest_of(b"hello"))
    assert asyncio.run(files.read(file)) == b"hello"
    assert list(store.objects) == [f"ws/w/{file.key}"]


def test_a_reference_of_another_workspace_reads_nothing() -> None:
    store = MemoryStore()
    file = asyncio.run(StoredFiles(store, "w").write("a.txt", "text/plain", b"hello"))
    with pytest.raises(NodeError, match=r"a\.txt") as caught:
        asyncio.run(StoredFiles(store, "x").read(file))
    assert (caught.value.kind, caught.value.retry) == ("artifact_unavailable", False)


def test_a_forged_key_reads_nothing() -> None:
    forged = FileRef("a.txt", "text/plain", 5, "../../../etc/passwd")
    with pytest.raises(NodeError) as caught:
        asyncio.run(StoredFiles(MemoryStore(), "w").read(forged))
    assert caught.value.kind == "artifact_unavailable"


def test_a_full_store_is_worth_another_try() -> None:
    class Full(MemoryStore):
        def put(self, workspace_id: str, content: bytes) -> str:
            raise StorageFull

    with pytest.raises(NodeError, match="full") as caught:
        asyncio.run(StoredFiles(Full(), "w").write("a.txt", "text/plain", b"x"))
    assert (caught.value.kind, caught.value.retry) == ("storage_full", True)
