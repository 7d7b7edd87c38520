"""The channel by PostgreSQL's NOTIFY: sent with the transaction, delivered after its commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, make_url, text

from layers.channel.ending import end
from layers.channel.hub import Hub
from layers.log import logger

NOTIFY = text("SELECT pg_notify('treadle_executions', :ids)").execution_options(deferred=True)
LISTEN = "LISTEN treadle_executions"
IDS_AT_ONCE = 200
"""A payload has room for 8,000 bytes."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
PATIENCE_S = 5.0
# Nothing is ever sent on it, so only the probes of TCP find out that the other side is gone.
KEEPALIVES = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class PostgresChannel:
    """Listens on one connection for all who follow in this process, from the first of them on."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._hub = Hub()
        self._listens = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._log = logger("channel")

    def before_commit(self, connection: Connection, execution_ids: Sequence[str]) -> None:
        """Let the transaction tell when it commits."""
        for start in range(0, len(execution_ids), IDS_AT_ONCE):
            ids = " ".join(execution_ids[start : start + IDS_AT_ONCE])
            connection.execute(NOTIFY, {"ids": ids}).close()

    def after_commit(self, execution_ids: Sequence[str]) -> None:
        """Nothing is left to say."""

    @asynccontextmanager
    async def following(self, execution_id: str, bell: asyncio.Event) -> AsyncIterator[None]:
        """Set ``bell`` whenever the execution may have changed."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        with self._hub.hanging(execution_id, bell):
            # Without a connection the bell rings when there is one.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._listens.wait(), PATIENCE_S)
            yield

    async def close(self) -> None:
        """Close the connection."""
        if self._task is not None:
            await end(self._task)
            self._task = None

    async def _listen(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(LISTEN)
                    pause_s = FIRST_PAUSE_S
                    self._listens.set()
                    # What was said while nobody listened is lost: everybody looks.
                    self._hub.ring_all()
                    async for told in connection.notifies():
                        self._hub.ring(told.payload.split())
            except psycopg.Error as error:
                self._log.warning("who follows executions hears nothing just now: %s", error)
            self._listens.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        _none, given = self._url.get_dialect()().create_connect_args(self._url)
        where = make_conninfo(**{**KEEPALIVES, **given})
        return await psycopg.AsyncConnection.connect(where, autocommit=True)
