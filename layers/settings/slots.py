"""Which slot a process fills: its successor there takes over what a dead one left behind."""

from __future__ import annotations

import contextlib
import os
import socket
import uuid
from pathlib import Path

from layers.settings.root import Settings

FILE = "place"


def slot_of(settings: Settings) -> str:
    """The name of this process's slot, unique among all machines on a database; "" without one.

    Supervisors on two machines name their processes alike, and neither may take what the other's
    are running. So the machine and its data folder belong to the name.
    """
    name = settings.server.process_name
    if not name:
        return ""
    return f"{name}@{socket.gethostname()}/{_id_of(settings.storage.folder)}"


def _id_of(folder: Path) -> str:
    """The id of a data folder, made when it is first asked for."""
    try:
        return _read_or_make(folder / FILE)
    except OSError:
        # Nothing can be kept here: then nobody is this process's successor.
        return uuid.uuid4().hex


def _read_or_make(path: Path) -> str:
    folder = path.parent
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        own = folder / f"{FILE}.{uuid.uuid4().hex}"
        own.write_text(uuid.uuid4().hex)
        # Of processes that start together one is first, and all go on with what that one wrote.
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text().strip()
