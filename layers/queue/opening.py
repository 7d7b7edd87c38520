"""Finds the notifier that the settings name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from layers.errors import SetupError
from layers.queue.port import Notifier

CLIENTS = ("redis", "psycopg", "cysqlite")


def open_notifier(url: str) -> Notifier:
    """Connect to the queue at ``sqlite:///PATH`` or ``redis://…``; raises SetupError."""
    if url.startswith("sqlite:///"):
        with _without_clients():
            from layers.queue.huey_notifier import HueyNotifier
    elif url.startswith(("redis://", "rediss://")):
        from layers.queue.huey_notifier import HueyNotifier
    else:
        raise SetupError("TREADLE_QUEUE_URL must start with sqlite:/// or redis://")
    return HueyNotifier(url)


@contextmanager
def _without_clients() -> Iterator[None]:
    """Keep Huey from loading database clients only because they are installed.

    They would cost each process 20 MB and half a second, for a queue that is a file.
    """
    hidden = [name for name in CLIENTS if name not in sys.modules]
    if "huey" in sys.modules:
        hidden = []
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
