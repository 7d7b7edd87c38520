"""Finds the channel that fits the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from layers.channel.local_sockets import LocalSockets
from layers.channel.port import Channel

SUFFIX = ".listeners"


def open_channel(database_url: str) -> Channel:
    """NOTIFY beside PostgreSQL; sockets in a folder beside the file of SQLite."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        from layers.channel.postgresql import PostgresChannel

        return PostgresChannel(database_url)
    path = Path(url.database or "treadle.db").absolute()
    return LocalSockets(path.with_name(path.name + SUFFIX))
