"""Files that hold what people entrust to an instance: nobody else on the machine reads them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o077
"""The bits that nobody gets: whatever a part writes is its own user's alone."""
BESIDE = ("", "-wal", "-shm", "-journal", ".turn", ".listeners")
"""What SQLite, and we, keep beside a database file."""


def begin() -> None:
    """Let this process, and those that it starts, make files for their own user alone.

    Who makes a file for somebody else, such as for the code in a sandbox, gives it away by name.
    """
    os.umask(OWNER_ONLY)


def tighten(paths: Iterable[Path]) -> None:
    """Take from everybody else what files and folders give them; only of those that are ours.

    A folder is closed as a whole, so that what is in it need not be looked through. Links are left
    alone, as is what is not there.
    """
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError):
            found = path.lstat()
            mode = stat.S_IMODE(found.st_mode)
            plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
            if plain and mode & OWNER_ONLY and found.st_uid == os.geteuid():
                path.chmod(mode & ~OWNER_ONLY)


def with_companions(database: Path) -> list[Path]:
    """A file of SQLite's, and what lies beside it."""
    return [database.with_name(database.name + suffix) for suffix in BESIDE]
