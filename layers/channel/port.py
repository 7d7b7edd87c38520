"""The channel between whoever changes executions and whoever follows them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy import Connection


class Channel(Protocol):
    """Tells that executions have changed, never what: a reader asks from its own position."""

    def before_commit(self, connection: Connection, execution_ids: Sequence[str]) -> None:
        """Say in a transaction which followed executions it changes."""
        ...

    def after_commit(self, execution_ids: Sequence[str]) -> None:
        """Say that a transaction which changed them is committed; from any thread, never waits."""
        ...

    def following(
        self, execution_id: str, bell: asyncio.Event
    ) -> AbstractAsyncContextManager[None]:
        """Set ``bell`` whenever the execution may have changed, from the block's beginning on.

        It is set as well when words may have been lost, such as after a connection was.
        """
        ...

    async def close(self) -> None:
        """Let go of sockets and connections."""
        ...
