"""Content-Encoding is undone in bounded pieces, or refused by name."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest

from layers.media.coding import BrokenCoding, UnknownCoding, decoder, zstd

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "": bytes,
}
BODY = b'{"a": "' + bytes(range(32, 127)) * 3000 + b'"}'


def undone(coding: str, content: bytes, step: int = 10**9) -> bytes:
    unpack = decoder(coding)
    found = b"".join(
        piece
        for start in range(0, len(content), step)
        for piece in unpack.feed(content[start : start + step])
    )
    assert unpack.complete
    return found


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("step", [1, 1000, 10**9])
def test_each_is_undone(coding: str, step: int) -> None:
    body = BODY[:3000] if step == 1 else BODY
    assert undone(coding, CODINGS[coding](body), step) == body
    assert undone(coding.upper(), CODINGS[coding](b"")) == b""


def test_several_in_a_row_are_undone_from_the_last() -> None:
    content = brotli.compress(gzip.compress(zstd.compress(BODY)))
    assert undone("zstd, gzip,br", content, 777) == BODY


def test_several_members_and_frames_follow_each_other() -> None:
    assert undone("gzip", gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    assert undone("zstd", zstd.compress(b"a") + zstd.compress(b"b")) == b"ab"


@pytest.mark.parametrize("coding", ["compress", "exi", "gzip, secret", "gzip," * 5, "dcb"])
def test_others_are_refused_by_name(coding: str) -> None:
    with pytest.raises(UnknownCoding):
        decoder(coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_bytes_in_another_form_are_refused(coding: str) -> None:
    with pytest.raises(BrokenCoding):
        list(decoder(coding).feed(b"\xff plain text that is not packed at all"))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_part_is_not_complete(coding: str) -> None:
    unpack = decoder(coding)
    list(unpack.feed(CODINGS[coding](BODY)[:-4]))
    assert not unpack.complete


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, br"])
def test_a_bomb_unfolds_only_as_far_as_it_is_asked(coding: str) -> None:
    content = bytes(200 * 1024 * 1024)
    for name in coding.split(", "):
        content = CODINGS[name](content)
    tracemalloc.start()
    pieces = decoder(coding).feed(content)
    taken = sum(len(next(pieces)) for _ in range(3))
    assert taken < 40 * 1024 * 1024
    assert tracemalloc.get_traced_memory()[1] < 60 * 1024 * 1024
    tracemalloc.stop()
