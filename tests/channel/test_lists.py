"""Lists of workspaces: told where somebody follows one, no more often than needed, to the last."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from layers.channel import Announcements, Channel, FollowedWorkspaces, announcements, open_channel
from layers.clock import ManualClock
from layers.database import Database
from layers.database.changes import Kind, ListOf, note_lists
from layers.ids import new_id
from tests.channel.test_channel import end_listeners, heard
from tests.waiting import PATIENCE_S

WORKSPACE = text(
    "INSERT INTO workspaces (id, name, sealed_key, created_at) VALUES (:id, 'W', '', 0)"
)


@dataclass
class Process:
    """What a process has of all this."""

    database: Database
    channel: Channel
    followed: FollowedWorkspaces
    announcements: Announcements

    def workspace(self) -> str:
        with self.database.writing() as connection:
            connection.execute(WORKSPACE, {"id": (name := new_id())})
        return name

    def change(self, workspace_id: str, kind: Kind = Kind.EXECUTIONS) -> None:
        with self.database.writing() as connection:
            note_lists(connection, kind, [workspace_id])

    async def listens(self) -> None:
        """Wait until it has looked who is followed."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.followed._is_known:
                await asyncio.sleep(0.01)

    async def knows(self, workspace_id: str) -> None:
        """Wait until it has heard who is followed."""
        async with asyncio.timeout(PATIENCE_S):
            while workspace_id not in self.followed._until:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def process(url: str, clock: ManualClock, *, starts: bool = True) -> AsyncIterator[Process]:
    database, channel = Database(url), open_channel(url)
    followed = FollowedWorkspaces(database, channel, clock)
    told = Announcements(database, channel, followed.__contains__)
    database.announcer = told
    if starts:
        followed.start()
    try:
        yield Process(database, channel, followed, told)
    finally:
        await followed.close()
        await asyncio.to_thread(told.close)
        await channel.close()
        database.close()


def listening(one: Process, workspace_id: str, bell: asyncio.Event) -> Any:
    return one.channel.following(ListOf(Kind.EXECUTIONS, workspace_id).name, bell)


def test_a_change_in_another_process_is_told_to_its_workspace_alone(
    database_url: str,
) -> None:
    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock) as here, process(database_url, clock) as there:
            mine, other = here.workspace(), here.workspace()
            bell, others, triggers = asyncio.Event(), asyncio.Event(), asyncio.Event()
            async with (
                listening(here, mine, bell),
                listening(here, other, others),
                here.channel.following(ListOf(Kind.TRIGGERS, mine).name, triggers),
            ):
                for name in (mine, other):
                    await here.followed.follow(name)
                    await there.knows(name)
                for one in (bell, others, triggers):
                    one.clear()
                await asyncio.to_thread(there.change, mine)
                await heard(bell)
                assert not others.is_set()
                assert not triggers.is_set()

    asyncio.run(story())


def test_of_a_workspace_that_nobody_follows_any_more_nothing_is_told(
    database_url: str,
) -> None:
    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock) as here, process(database_url, clock) as there:
            name, ended = here.workspace(), here.workspace()
            bell, last = asyncio.Event(), asyncio.Event()
            await here.followed.follow(ended)
            await there.knows(ended)
            clock.advance(7201)
            await here.followed.follow(name)
            await there.knows(name)
            async with listening(here, ended, bell), listening(here, name, last):
                bell.clear()
                last.clear()
                await asyncio.to_thread(there.change, ended)
                await asyncio.to_thread(there.change, name)
                await heard(last)
                assert not bell.is_set()

    asyncio.run(story())


def test_who_follows_on_says_so_once_an_hour(database_url: str) -> None:
    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock, starts=False) as here:
            name = here.workspace()
            assert (await here.followed.follow(name)).is_new
            assert (await here.followed.follow(name)).is_new
            clock.advance(3000)
            written: list[str] = []
            event.listen(
                here.database.engine,
                "before_cursor_execute",
                lambda *given: written.append(given[2]),
            )
            follow = await here.followed.follow(name)
            assert not follow.is_new
            assert follow.seconds_left == pytest.approx(4200)
            assert not any("UPDATE" in statement for statement in written)
            clock.advance(700)
            assert (await here.followed.follow(name)).seconds_left == pytest.approx(7200)

    asyncio.run(story())


def test_a_process_that_begins_later_knows_who_is_followed(
    database_url: str,
) -> None:
    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock) as here:
            name = here.workspace()
            await here.followed.follow(name)
            async with process(database_url, clock) as there:
                assert name in there.followed
                await there.knows(name)
                assert new_id() not in there.followed

    asyncio.run(story())


def test_many_changes_are_a_word_at_once_and_one_at_the_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "PAUSE_S", 1.0)
    said: list[list[str]] = []

    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock, starts=False) as here:
            name = here.workspace()
            before = here.channel.before_commit

            def noting(connection: Any, names: Any) -> None:
                said.append(list(names))
                before(connection, names)

            monkeypatch.setattr(here.channel, "before_commit", noting)
            monkeypatch.setattr(here.announcements, "_is_followed", lambda _name: True)
            bell = asyncio.Event()
            async with listening(here, name, bell):
                bell.clear()
                for _ in range(50):
                    here.change(name)
                await heard(bell)
                await heard(bell)
        assert 2 <= len(said) < 25
        assert all(names == [ListOf(Kind.EXECUTIONS, name).name] for names in said)

    asyncio.run(story())


def test_the_last_word_is_said_when_the_process_ends(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "PAUSE_S", PATIENCE_S)

    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock) as here:
            bell = asyncio.Event()
            name = here.workspace()
            await here.followed.follow(name)
            async with listening(here, name, bell):
                async with process(database_url, clock) as there:
                    await there.knows(name)
                    await asyncio.to_thread(there.change, name)
                    await heard(bell)
                    await asyncio.to_thread(there.change, name)
                await heard(bell)

    asyncio.run(story())


def test_a_word_that_could_not_be_said_is_said_later(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for both changes to fall into it on a busy machine.
    monkeypatch.setattr(announcements, "PAUSE_S", 1.0)

    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock) as here:
            name = here.workspace()
            await here.followed.follow(name)
            await here.knows(name)
            bell, failed = asyncio.Event(), asyncio.Event()
            # The next try waits for it: its word must not ring before the bell is cleared.
            cleared = threading.Event()
            asking = here.database.asking
            loop = asyncio.get_running_loop()

            def away() -> Any:
                if failed.is_set():
                    cleared.wait(PATIENCE_S)
                    return asking()
                loop.call_soon_threadsafe(failed.set)
                raise OperationalError("SELECT", {}, Exception("away"))

            monkeypatch.setattr(here.database, "asking", away)
            async with listening(here, name, bell):
                here.change(name)
                here.change(name)
                await heard(bell)
                await asyncio.wait_for(failed.wait(), PATIENCE_S)
                bell.clear()
                cleared.set()
                await heard(bell)

    asyncio.run(story())


def test_after_a_lost_connection_a_process_reads_who_is_followed(
    database_kind: str, database_url: str
) -> None:
    if database_kind == "sqlite":
        pytest.skip("there is no connection to lose")

    async def story() -> None:
        clock = ManualClock()
        async with process(database_url, clock, starts=False) as here:
            name = here.workspace()
            async with process(database_url, clock) as there:
                await there.listens()
                # As if the word had been lost.
                here.database.announcer = None
                await here.followed.follow(name)
                await asyncio.to_thread(end_listeners, database_url)
                await there.knows(name)

    asyncio.run(story())
