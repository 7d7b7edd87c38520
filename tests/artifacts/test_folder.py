"""What only a folder can suffer: links, a full disk, a crash in between."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from layers.artifacts import ArtifactUnavailable, StorageFull
from layers.artifacts.folder import FolderStore
from layers.artifacts.port import digest_of


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the kernel itself refuse to write more, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_full_disk_is_a_clear_error_that_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with files_no_larger_than(1000), pytest.raises(StorageFull, match="full") as caught:
        store.put("w", b"x" * 100_000)
    assert caught.value.retryable
    assert caught.value.status == 507
    assert names(tmp_path) == []
    digest = store.put("w", b"x" * 100_000)
    assert names(tmp_path) == [f"ws/w/{digest}"]


def test_a_full_disk_does_not_harm_what_is_there(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = store.put("w", b"x" * 5000)
    with files_no_larger_than(1000):
        assert store.put("w", b"x" * 5000) == digest
        assert store.get("w", digest) == b"x" * 5000


def test_the_bytes_are_on_the_disk_before_they_get_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **named: object) -> object:
            done.append(name)
            return real(*arguments, **named)

        monkeypatch.setattr(os, name, call)

    store = FolderStore(tmp_path)
    store.put("w", b"makes the folders")
    noted("fsync")
    noted("replace")
    store.put("w", b"x")
    assert done == ["fsync", "replace", "fsync"]


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    digest = FolderStore(tmp_path).put("w", b"x")
    assert (tmp_path / "ws" / "w" / digest).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ws" / "w").stat().st_mode & 0o777 == 0o700


def test_no_link_is_followed_to_read_an_artifact(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    digest = store.put("w", b"content")
    path = tmp_path / "store" / "ws" / "w" / digest
    outside = tmp_path / "outside"
    outside.write_bytes(b"content")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(ArtifactUnavailable):
        store.get("w", digest)
    store.put("w", b"content")
    assert not path.is_symlink()
    assert outside.read_bytes() == b"content"


def test_no_link_is_followed_to_the_folder_of_a_workspace(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    digest = store.put("w", b"content")
    other = tmp_path / "other"
    (tmp_path / "store" / "ws" / "w").rename(other)
    (tmp_path / "store" / "ws" / "w").symlink_to(other)
    with pytest.raises(ArtifactUnavailable):
        store.get("w", digest)
    with pytest.raises(ArtifactUnavailable):
        store.put("w", b"more")
    assert names(other) == [digest]


def test_something_else_than_a_file_in_its_place_is_not_read(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = digest_of(b"content")
    store.put("w", b"first")
    os.mkfifo(tmp_path / "ws" / "w" / digest)
    with pytest.raises(ArtifactUnavailable):
        store.get("w", digest)


def open_below(folder: Path) -> list[str]:
    """What this process has open below a folder, whatever else its threads open and close."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/self/fd/{name}"))
    return [path for path in found if path.startswith(str(folder.resolve()))]


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "deep")
    absent = digest_of(b"absent")
    for _ in range(20):
        store.exists("nobody", absent)
        store.delete("nobody", absent)
        digest = store.put("w", b"x")
        store.get("w", digest)
        with pytest.raises(ArtifactUnavailable):
            store.get("w", absent)
        with files_no_larger_than(0), pytest.raises(StorageFull):
            store.put("w", b"too much")
    assert open_below(tmp_path) == []


def test_putting_again_makes_young(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = store.put("w", b"old")
    file = tmp_path / "ws" / "w" / digest
    os.utime(file, (1000, 1000))
    assert list(store.put_before("w", 2000)) == [digest]
    store.put("w", b"old")
    assert list(store.put_before("w", 2000)) == []
    (file.parent / ".incoming-0").write_bytes(b"")
    assert list(store.put_before("w", time.time() + 60)) == [digest]


def test_what_a_dead_writer_left_is_taken_away_once_it_is_old(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    kept = store.put("w", b"kept")
    left, at_work = store.create("w"), store.create("w")
    at_work.write(b"young")
    [old] = [one for one in names(tmp_path) if one.endswith(left._name)]
    os.utime(tmp_path / old, (1000, 1000))
    store.discard_unfinished("w", 2000)
    assert old not in names(tmp_path)
    digest = at_work.finish()
    assert names(tmp_path) == sorted([f"ws/w/{kept}", f"ws/w/{digest}"])
    left.discard()
    assert open_below(tmp_path) == []


def test_a_disk_that_fills_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    writer = store.create("w")

    def write_all() -> None:
        writer.write(b"x" * 100_000)
        writer.finish()

    with files_no_larger_than(1000), pytest.raises(StorageFull):
        write_all()
    writer.discard()
    assert names(tmp_path) == []
    assert open_below(tmp_path) == []
