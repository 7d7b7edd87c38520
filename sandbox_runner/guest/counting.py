"""Counts the files of a folder that somebody may be filling, and stops when there are too many."""

import os

# What the sandbox's kernel says of a folder: so much for itself, and so much for each entry.
_EMPTY, _EACH = 40, 20
_ALONE = 2  # Links to a folder that has none in it.
# What a job's /tmp is called in the folder that it is in.
ROOM = "room"
_DEEPEST = 64


def has_more_than(most: int, room: int) -> bool:
    """Say whether the job's /tmp, which is in that folder, holds more files and folders than that.

    A tree that is deeper than anybody needs counts as too many. What cannot be read is not
    counted: it was removed meanwhile.
    """
    try:
        found = _entries(top := os.stat(ROOM, dir_fd=room))
        if found > most or not _has_folders(top):
            return found > most  # Most often, and nothing had to be opened for it.
        folder = os.open(ROOM, os.O_RDONLY | os.O_DIRECTORY, dir_fd=room)
        try:
            return _count(folder, most, 0) > most
        finally:
            os.close(folder)
    except OSError:
        return False


def _entries(status: os.stat_result) -> int:
    return (status.st_size - _EMPTY) // _EACH


def _has_folders(status: os.stat_result) -> bool:
    return status.st_nlink != _ALONE


def _count(folder: int, left: int, depth: int) -> int:
    status = os.fstat(folder)
    found = _entries(status)
    if found > left or depth > _DEEPEST:
        return left + 1
    if not _has_folders(status):
        return found
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for name in names:
        if found > left:
            break
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        except OSError:
            continue
        try:
            found += _count(inner, left - found, depth + 1)
        finally:
            os.close(inner)
    return found
