"""Which workspaces somebody follows: rows with an end, which each process knows by heart."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from layers.channel.ending import end
from layers.channel.port import Channel
from layers.clock import Clock
from layers.database import Database
from layers.database.changes import note_changes
from layers.log import logger
from layers.work import DATABASE

FOLLOWED_S = 7200.0
"""So long a workspace counts as followed from the last time that somebody said so."""
RENEW_S = 3600.0
"""With less than this left, it is said anew."""
HEARD_S = 5.0
"""Within this all processes have heard that a workspace is followed."""
IN_FLIGHT_S = 60.0
"""What was written before the last look may have been committed since, but not later than this."""
PACE_S = 0.5
AGAIN_S = 1.0
NEWS = "followed-workspaces"
"""The name under which it is told that there is another one."""

READ = text("SELECT id, followed_until FROM workspaces WHERE followed_until > :after")
READ_ONE = text("SELECT followed_until FROM workspaces WHERE id = :id")
FOLLOW = text(
    "UPDATE workspaces SET followed_until = :until WHERE id = :id"
    " AND (followed_until IS NULL OR followed_until < :until)"
)


@dataclass(frozen=True, slots=True)
class Follow:
    """That a workspace is followed: until when, and whether some process may not know it yet."""

    seconds_left: float
    is_new: bool


class FollowedWorkspaces:
    """The followed workspaces, read when the process starts and whenever there is another one."""

    def __init__(self, database: Database, channel: Channel, clock: Clock) -> None:
        self._database = database
        self._channel = channel
        self._clock = clock
        self._until: dict[str, float] = {}
        self._is_known = True
        self._read_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._log = logger("channel")

    def start(self) -> None:
        """Begin to listen, for a process that changes what lists show."""
        if self._task is None:
            # Rather a word for nobody than none for somebody.
            self._is_known = False
            self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            await end(self._task)
            self._task = None

    def __contains__(self, workspace_id: str) -> bool:
        """Whether somebody follows a workspace, as far as this process has heard; any thread."""
        if not self._is_known:
            return True
        until = self._until.get(workspace_id)
        return until is not None and until > self._clock.now()

    async def follow(self, workspace_id: str) -> Follow:
        """Have all processes tell what changes in a workspace, for an hour at least."""
        return await DATABASE.run(self._follow, workspace_id)

    def _follow(self, workspace_id: str) -> Follow:
        now = self._clock.now()
        with self._database.asking() as connection:
            until = connection.execute(READ_ONE, {"id": workspace_id}).scalar_one_or_none()
        if until is not None and until > now + RENEW_S:
            return Follow(until - now, is_new=until - FOLLOWED_S > now - HEARD_S)
        until = now + FOLLOWED_S
        with self._database.writing() as connection:
            connection.execute(FOLLOW, {"id": workspace_id, "until": until})
            note_changes(connection, [NEWS])
        return Follow(FOLLOWED_S, is_new=True)

    async def _keep(self) -> None:
        bell = asyncio.Event()
        async with self._channel.following(NEWS, bell):
            while True:
                bell.clear()
                try:
                    await DATABASE.run(self._read)
                except SQLAlchemyError as error:
                    self._log.warning("which workspaces are followed is not known: %s", error)
                    await asyncio.sleep(AGAIN_S)
                    continue
                await asyncio.sleep(PACE_S)
                await bell.wait()

    def _read(self) -> None:
        now = self._clock.now()
        after = now if self._read_at is None else self._read_at - IN_FLIGHT_S + FOLLOWED_S
        with self._database.asking() as connection:
            found = {
                row.id: row.followed_until for row in connection.execute(READ, {"after": after})
            }
        known = {name: until for name, until in self._until.items() if until > now}
        self._until = known | found
        self._read_at = now
        self._is_known = True
