"""Files of items, kept as artifacts."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from layers.artifacts import StorageFull, StoredFiles, in_time
from layers.artifacts.folder import FolderStore
from layers.artifacts.memory import MemoryStore
from layers.artifacts.port import digest_of
from layers.contract import FileRef, NodeError
from tests.waiting import PATIENCE_S, until


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


def test_a_file_is_written_and_read_in_pieces() -> None:
    store = MemoryStore()
    files = StoredFiles(store, "w")

    async def scenario() -> None:
        async with files.create("a.bin", "x/y") as writer:
            for _ in range(10):
                await writer.write(b"0123456789" * 20_000)
            file = await writer.finish()
        content = b"0123456789" * 200_000
        assert file == FileRef("a.bin", "x/y", len(content), digest_of(content))
        pieces = [piece async for piece in files.open(file)]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= 1024 * 1024

    asyncio.run(scenario())


@pytest.mark.parametrize("ended", ["error", "silence"])
def test_what_is_not_finished_leaves_nothing(tmp_path: Path, ended: str) -> None:
    files = StoredFiles(FolderStore(tmp_path), "w")

    async def scenario() -> None:
        async with files.create("a.bin", "x/y") as writer:
            await writer.write(b"x" * 1_000_000)
            if ended == "error":
                raise KeyError

    with suppress(KeyError):
        asyncio.run(scenario())
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_damaged_file_is_not_read_to_its_end() -> None:
    store = MemoryStore()
    files = StoredFiles(store, "w")
    file = asyncio.run(files.write("a.bin", "x/y", b"x" * 2_000_000))
    store.objects[f"ws/w/{file.key}"] = b"y" * 2_000_000

    read: list[bytes] = []

    async def scenario() -> None:
        async for piece in files.open(file):
            read.append(piece)

    with pytest.raises(NodeError, match="damaged"):
        asyncio.run(scenario())
    assert sum(map(len, read)) < 2_000_000


def test_a_store_that_hangs_is_given_up_and_what_it_did_last_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_time, "PATIENCE_S", 0.1)
    store, go_on = FolderStore(tmp_path), threading.Event()

    async def scenario() -> None:
        async with StoredFiles(store, "w").create("a.bin", "x/y") as writer:
            held = writer._writer.write
            writer._writer.write = lambda piece: (go_on.wait(PATIENCE_S), held(piece))[1]
            with pytest.raises(NodeError, match="in time") as caught:
                await writer.write(b"x" * 1_000_000)
            assert (caught.value.kind, caught.value.retry) == ("artifact_unavailable", True)
        # Not even now: the call that nobody waits for any more is at work yet.
        assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 1

    asyncio.run(scenario())
    go_on.set()
    until(lambda: not [one for one in tmp_path.rglob("*") if one.is_file()], "nothing is left")
