"""Counts the files of a folder that somebody may be filling, and stops when there are too many."""

import os

from sandbox_runner.guest import libc

# What the sandbox's kernel says of a folder: so much for itself, and so much for each entry.
_EMPTY, _EACH = 40, 20
_DEEPEST = 64


def has_more_than(most: int, pid: int) -> bool:
    """Say whether a job's /tmp holds more files and folders than that.

    A tree that is deeper than anybody needs counts as too many. What cannot be read is not
    counted: it was removed meanwhile.
    """
    try:
        folder = _folder_of(pid)
        try:
            return _count(folder, most, 0) > most
        finally:
            os.close(folder)
    except OSError:
        return False


def _folder_of(pid: int) -> int:
    """Open the /tmp of a process, which only its own mount namespace has.

    No longer than it is counted: what this process keeps open, a job could find in /proc.
    """
    ours = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    theirs = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    try:
        libc.call("setns", theirs, 0)
        try:
            return os.open("/tmp", os.O_RDONLY | os.O_DIRECTORY)
        finally:
            _return_to(ours)
    finally:
        os.close(ours)
        os.close(theirs)


def _return_to(namespace: int) -> None:
    try:
        libc.call("setns", namespace, 0)
    except OSError:
        os._exit(3)  # In a job's world there is nothing for us to do.


def _count(folder: int, left: int, depth: int) -> int:
    found = (os.fstat(folder).st_size - _EMPTY) // _EACH
    if found > left or depth > _DEEPEST:
        return left + 1
    if os.fstat(folder).st_nlink == 2:
        return found  # No folders in it.
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
