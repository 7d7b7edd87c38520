"""Files of a run: those of its items at /in, to be read; what it leaves at /out is taken along.

``/in/<item>/<name>`` holds the files of item number ``item``. A file at ``/out/<name>`` goes with
the first item of the result, one at ``/out/<item>/<name>`` with that item.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sandbox_runner.guest import frames, jsontext
from sandbox_runner.guest.answer import NotItems

IN, OUT = "/in", "/out"
_PIECE = 1 << 16
_LONGEST_NAME, _LONGEST_NUMBER = 200, 9
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class InputFile(NamedTuple):
    """A file that came with item number ``item``."""

    name: str
    media_type: str
    size: int
    item: int
    path: str

    def read(self) -> bytes:
        """Return all its bytes."""
        with open(self.path, "rb") as file:
            return file.read()


class _Left(NamedTuple):
    name: str
    item: int
    size: int
    path: str


def put_in(described: list[dict[str, Any]], content: memoryview) -> tuple[InputFile, ...]:
    """Write a run's input files, each readable only."""
    found = []
    start = 0
    for place, one in enumerate(described):
        folder = f"{IN}/{one['item']}"
        if not os.path.isdir(folder):
            os.mkdir(folder, 0o755)
        path = f"{folder}/{one['name']}"
        if os.path.exists(path):
            path = f"{folder}/{place}-{one['name']}"
        size = one["size"]
        with open(path, "wb") as file:
            file.write(content[start : start + size])
        os.chmod(path, 0o444)
        start += size
        found.append(InputFile(one["name"], one["media_type"], size, one["item"], path))
    for folder in os.listdir(IN):
        os.chmod(f"{IN}/{folder}", 0o555)
    os.chmod(IN, 0o555)
    return tuple(found)


def packed_with(answer: bytes, most: int, most_bytes: int) -> Iterable[bytes]:
    """Return an answer with the files that were left, packed; raises NotItems for what is none."""
    left = list(_left(OUT, 0, most))
    for name in os.listdir(OUT):
        folder = f"{OUT}/{name}"
        if stat.S_ISDIR(os.lstat(folder).st_mode):
            if not name.isdecimal() or len(name) > _LONGEST_NUMBER:
                raise NotItems(
                    f"{folder} is a folder; files are taken from /out and from /out/<item number>."
                )
            left += _left(folder, int(name), most)
    total = sum(one.size for one in left)
    if len(left) > most:
        raise NotItems(f"The step left {len(left)} files in /out; {most} are allowed.")
    if total > most_bytes:
        raise NotItems(
            f"The files that the step left in /out have {total} bytes; {most_bytes} are allowed."
        )
    described = [{"name": one.name, "item": one.item, "size": one.size} for one in left]
    listed = jsontext.dumps(described).encode()
    head = b"F" + frames.packed(answer) + frames.packed(listed)
    return _pieces(head, left, total)


def clear() -> None:
    """Take the folders' contents away, for the next run of the same interpreter."""
    for folder in (IN, OUT):
        os.chmod(folder, 0o700)
        _clear(folder)


def _clear(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            _clear(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)


def _left(folder: str, item: int, most: int) -> Iterator[_Left]:
    for entry in os.scandir(folder):
        status = os.lstat(entry.path)
        if stat.S_ISDIR(status.st_mode):
            if folder != OUT:
                raise NotItems(f"{entry.path} is a folder; files are taken from {folder} itself.")
            continue
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise NotItems(f"{entry.path} is a link or a device; only plain files are taken.")
        if not _is_name(entry.name):
            raise NotItems(
                f"The name of the file {entry.path[:300]!a} is longer than {_LONGEST_NAME} "
                "characters, or holds some that are not to be seen."
            )
        yield _Left(entry.name, item, status.st_size, entry.path)


def _is_name(name: str) -> bool:
    """Say whether the runner takes a file by that name (``wire.is_file_name``, and UTF-8)."""
    hidden = any(letter < " " or letter == "\x7f" or _is_half(letter) for letter in name)
    return len(name) <= _LONGEST_NAME and not hidden


def _is_half(letter: str) -> bool:
    """Say whether it is a surrogate, which stands for a byte that is no text."""
    return "\ud800" <= letter < "\ue000"


def _pieces(head: bytes, left: list[_Left], total: int) -> Iterator[bytes]:
    yield frames.packed_length(len(head) + total) + head
    for one in left:
        descriptor = os.open(one.path, _OPEN)
        try:
            wanted = one.size
            while wanted:
                piece = os.read(descriptor, min(wanted, _PIECE))
                if not piece:
                    os._exit(71)  # It became shorter meanwhile: a process of the step's own did it.
                yield piece
                wanted -= len(piece)
        finally:
            os.close(descriptor)
