"""One suite for every store: what holds for the fake holds for the disk and for S3."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from layers.artifacts import ArtifactStore, ArtifactUnavailable, open_store
from layers.artifacts.memory import MemoryStore
from layers.artifacts.port import digest_of
from layers.artifacts.s3 import S3Store
from layers.ids import new_id
from tests.artifacts.conftest import KEY, SECRET

Damage = Callable[[str], None]
"""Changes a byte of what is stored under a key."""


def flip(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


@pytest.fixture(params=["memory", "folder", "s3", "moto"])
def store_and_damage(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[ArtifactStore, Damage]]:
    if request.param == "memory":
        memory = MemoryStore()

        def in_memory(key: str) -> None:
            memory.objects[key] = flip(memory.objects[key])

        yield memory, in_memory
        return
    if request.param == "moto":
        port = request.getfixturevalue("moto_server")
        bucket = f"test-{new_id()}"
        moto = open_store(
            f"s3://{KEY}:{quote(SECRET, safe='')}@127.0.0.1:{port}/{bucket}?secure=false"
        )
        assert isinstance(moto, S3Store)

        def in_moto(key: str) -> None:
            content = flip(moto._client.get_object(bucket, key).read())
            moto._client.put_object(bucket, key, io.BytesIO(content), len(content))

        yield moto, in_moto
        return
    if request.param == "folder":
        root = tmp_path / "with blank" / "artifacts"
        store = open_store(f"file://{quote(str(root))}")
    else:
        port, folder = request.getfixturevalue("s3_server")
        bucket = f"test-{new_id()}"
        secret = quote(SECRET, safe="")
        store = open_store(f"s3://{KEY}:{secret}@127.0.0.1:{port}/{bucket}?secure=false")
        root = folder / bucket

    def on_disk(key: str) -> None:
        path = root / key
        path.write_bytes(flip(path.read_bytes()))

    yield store, on_disk


@pytest.fixture
def store(store_and_damage: tuple[ArtifactStore, Damage]) -> ArtifactStore:
    return store_and_damage[0]


ONE, TWO = new_id(), new_id()


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 20_000])
def test_what_is_put_comes_back_under_its_digest(store: ArtifactStore, content: bytes) -> None:
    digest = store.put(ONE, content)
    assert digest == "sha256:" + hashlib.sha256(content).hexdigest()
    assert store.get(ONE, digest) == content
    assert store.exists(ONE, digest)


@pytest.mark.parametrize(
    ("start", "length", "read"),
    [(0, 3, b"abc"), (2, 2, b"cd"), (4, 3, b"efg"), (0, 7, b"abcdefg"), (1, 0, b"")],
)
def test_a_part_is_read_by_itself(
    store: ArtifactStore, start: int, length: int, read: bytes
) -> None:
    digest = store.put("w", b"abcdefg")
    assert store.part("w", digest, start, length) == read


def test_no_part_is_read_of_what_is_not_there_or_anothers(store: ArtifactStore) -> None:
    digest = store.put("w", b"abc")
    for workspace, named, length in (
        *(("v", digest, 3), ("w", "sha256:" + "0" * 64, 3)),
        ("w", digest, 4),
    ):
        with pytest.raises(ArtifactUnavailable):
            store.part(workspace, named, 0, length)


def test_the_same_bytes_may_be_put_again(store: ArtifactStore) -> None:
    assert store.put(ONE, b"same") == store.put(ONE, b"same")
    assert store.get(ONE, store.put(ONE, b"same")) == b"same"


def test_an_artifact_belongs_to_its_workspace(store: ArtifactStore) -> None:
    digest = store.put(ONE, b"mine")
    assert not store.exists(TWO, digest)
    with pytest.raises(ArtifactUnavailable, match="not in this workspace") as caught:
        store.get(TWO, digest)
    assert not caught.value.retryable
    store.delete(TWO, digest)
    assert store.get(ONE, digest) == b"mine"
    store.put(TWO, b"mine")
    store.delete(ONE, digest)
    assert not store.exists(ONE, digest)
    assert store.get(TWO, digest) == b"mine"


def test_deleting_what_is_not_there_is_no_error(store: ArtifactStore) -> None:
    digest = store.put(ONE, b"gone")
    store.delete(ONE, digest)
    store.delete(ONE, digest)
    assert not store.exists(ONE, digest)


def test_what_was_put_before_a_moment_is_told_and_deleted_unless_put_since(
    store: ArtifactStore,
) -> None:
    workspace, hour = new_id(), 3600
    assert list(store.put_before(workspace, time.time() + hour)) == []
    one, two = store.put(workspace, b"one"), store.put(workspace, b"two")
    store.put(ONE, b"of somebody else")
    assert set(store.put_before(workspace, time.time() + hour)) == {one, two}
    assert list(store.put_before(workspace, time.time() - hour)) == []
    store.delete(workspace, one, put_before=time.time() - hour)
    assert store.exists(workspace, one)
    store.delete(workspace, one, put_before=time.time() + hour)
    assert list(store.put_before(workspace, time.time() + hour)) == [two]
    store.delete(workspace, one, put_before=time.time() + hour)


def test_a_damaged_artifact_is_never_given_out_and_is_healed_by_putting_it_again(
    store_and_damage: tuple[ArtifactStore, Damage],
) -> None:
    store, damage = store_and_damage
    digest = store.put(ONE, b"precious")
    damage(f"ws/{ONE}/{digest}")
    with pytest.raises(ArtifactUnavailable, match="damaged") as caught:
        store.get(ONE, digest)
    assert not caught.value.retryable
    assert store.put(ONE, b"precious") == digest
    assert store.get(ONE, digest) == b"precious"


@pytest.mark.parametrize(
    "digest",
    ["", "sha256:", "sha256:" + "A" * 64, "md5:" + "0" * 64, "../../etc/passwd", "0" * 64,
     "sha256:" + "0" * 64 + "\n", "sha256:../" + "0" * 61],
)  # fmt: skip
def test_a_malformed_digest_is_refused(store: ArtifactStore, digest: str) -> None:
    for call in (store.get, store.exists, store.delete):
        with pytest.raises(ArtifactUnavailable, match="malformed"):
            call(ONE, digest)


@pytest.mark.parametrize("workspace", ["", "..", "a/b", "a" * 65, ".", "a\0", "ä"])
def test_a_malformed_workspace_is_refused(store: ArtifactStore, workspace: str) -> None:
    with pytest.raises(ArtifactUnavailable, match="malformed"):
        store.put(workspace, b"x")
    with pytest.raises(ArtifactUnavailable, match="malformed"):
        store.get(workspace, "sha256:" + "0" * 64)
    with pytest.raises(ArtifactUnavailable, match="malformed"):
        list(store.put_before(workspace, 0))


def test_many_threads_may_put_and_get_at_once(store: ArtifactStore) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for content in (b"shared", b"own %d" % number):
                assert store.get(ONE, store.put(ONE, content)) == content
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_size_is_that_of_what_is_kept(store: ArtifactStore) -> None:
    before = store.size(ONE)
    digest = store.put(ONE, b"0123456789")
    store.put(ONE, b"0123456789")
    assert store.size(ONE) == before + 10
    store.delete(ONE, digest)
    assert store.size(ONE) == before


@pytest.mark.parametrize("sizes", [[], [5], [0, 7, 1], [3_000_000] * 7, [17_000_000]])
def test_what_is_written_in_pieces_is_what_would_be_put(
    store: ArtifactStore, sizes: list[int]
) -> None:
    pieces = [bytes([at + 1]) * size for at, size in enumerate(sizes)]
    writer = store.create(ONE)
    for piece in pieces:
        writer.write(piece)
    content = b"".join(pieces)
    digest = writer.finish()
    assert digest == digest_of(content)
    assert (writer.size, store.length(ONE, digest)) == (len(content), len(content))
    assert store.get(ONE, digest) == content
    assert not store.exists(TWO, digest)


def test_what_is_not_finished_is_not_there(store: ArtifactStore) -> None:
    workspace = new_id()
    writer = store.create(workspace)
    writer.write(b"half")
    assert not store.exists(workspace, digest_of(b"half"))
    writer.discard()
    writer.discard()
    assert store.size(workspace) == 0
    assert list(store.put_before(workspace, time.time() + 3600)) == []


def test_what_is_written_again_is_kept_once_and_heals(
    store_and_damage: tuple[ArtifactStore, Damage],
) -> None:
    store, damage = store_and_damage
    workspace = new_id()
    digest = store.put(workspace, b"precious")
    damage(f"ws/{workspace}/{digest}")
    for _ in range(2):
        writer = store.create(workspace)
        writer.write(b"precious")
        assert writer.finish() == digest
        assert store.get(workspace, digest) == b"precious"
    assert store.size(workspace) == 8


def test_there_is_no_length_of_what_is_not_there(store: ArtifactStore) -> None:
    with pytest.raises(ArtifactUnavailable, match="not in this workspace"):
        store.length(ONE, digest_of(b"never put"))


def test_nothing_unfinished_is_no_error(store: ArtifactStore) -> None:
    workspace = new_id()
    store.discard_unfinished(workspace, time.time() + 3600)
    digest = store.put(workspace, b"finished")
    store.discard_unfinished(workspace, time.time() + 3600)
    assert store.exists(workspace, digest)


def test_a_writer_for_a_malformed_workspace_is_refused(store: ArtifactStore) -> None:
    with pytest.raises(ArtifactUnavailable, match="malformed"):
        store.create("a/b")
