"""The notifier on Huey: SQLite embedded, Redis in production.

Huey gives no promise of redelivery, and needs none here: a message holds an execution's id and
nothing else, and whoever hears any notice looks for all the work that is due.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey, storage
from huey.exceptions import HueyException

from layers.log import logger
from layers.private_files import tighten, with_companions
from layers.queue.json_serializer import JsonSerializer, RefusedMessage

QUIET_POLL_S = 0.05


class HueyNotifier:
    """Notifies and listens through one Huey queue."""

    def __init__(self, url: str) -> None:
        self._huey = _connect(url)
        self._log = logger("queue")
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._heard: Callable[[str], object] | None = None
        self._task = self._huey.task(name="ring")(self._notice_heard)

    def notify(self, execution_id: str) -> None:
        """Put a notice in the queue; a queue that is away only costs time, never work."""
        try:
            self._huey.enqueue(self._task.s(execution_id))
        except Exception as error:  # noqa: BLE001 - any client's failure means the same here
            self._log.warning("no worker could be notified: %s", error)

    def listen(self, heard: Callable[[str], object]) -> None:
        """Start the thread that hears notices."""
        self._heard = heard
        thread = threading.Thread(target=self._listen, name="notifier", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=2)

    def _notice_heard(self, execution_id: str) -> None:
        if self._heard is not None:
            self._heard(execution_id)

    def _listen(self) -> None:
        while not self._stop.is_set():
            if not self._take_one():
                self._stop.wait(QUIET_POLL_S)

    def _take_one(self) -> bool:
        try:
            task = self._huey.dequeue()
            if task is None:
                return False
            self._huey.execute(task)
            return True
        except RefusedMessage as error:
            self._log.warning("%s", error)
            return True
        except HueyException as error:
            self._log.warning("a message was dropped: %s", error)
            return True
        except Exception as error:  # noqa: BLE001 - the queue is away: the sweeper covers it
            self._log.warning("the queue cannot be read: %s", error)
            self._stop.wait(1.0)
            return False


def _connect(url: str) -> Huey:
    options: dict[str, Any] = {"serializer": JsonSerializer(), "results": False}
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        tighten(with_companions(path))
        return SqliteHuey("treadle", filename=str(path), fsync=False, cache_mb=1, **options)
    import redis

    if storage.Redis is None:
        # Huey was loaded without its clients, for another queue of this process.
        for name in ("ConnectionPool", "Redis", "ConnectionError", "TimeoutError"):
            setattr(storage, name, getattr(redis, name))
        storage.RedisStorage.redis_client = redis.Redis
    return RedisHuey("treadle", url=url, blocking=True, read_timeout=1, **options)
