"""Whoever follows hears of what other processes commit, of nothing else, and after any accident."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from layers.channel import Announcements, Channel, local_sockets, open_channel
from layers.channel.local_sockets import LocalSockets
from layers.database import Database
from layers.database.changes import note_changes
from layers.ids import new_id
from tests.waiting import PATIENCE_S


@asynccontextmanager
async def process(url: str) -> AsyncIterator[tuple[Database, Channel]]:
    """What a process has of both."""
    database, channel = Database(url), open_channel(url)
    database.announcer = Announcements(database, channel, lambda _workspace_id: True)
    try:
        yield database, channel
    finally:
        await channel.close()
        database.close()


def change(database: Database, *names: str) -> None:
    with database.writing() as connection:
        note_changes(connection, names)


def change_in_vain(database: Database, name: str) -> None:
    with database.writing() as connection:
        note_changes(connection, [name])
        raise ZeroDivisionError


async def heard(bell: asyncio.Event) -> None:
    await asyncio.wait_for(bell.wait(), PATIENCE_S)
    bell.clear()


def test_another_process_hears_of_a_commit_and_of_its_own_executions_alone(
    database_url: str,
) -> None:
    async def story() -> None:
        async with (
            process(database_url) as (_here, channel),
            process(database_url) as (there, _),
        ):
            mine, other = new_id(), new_id()
            bell, other_bell, last = asyncio.Event(), asyncio.Event(), asyncio.Event()
            end = new_id()
            async with (
                channel.following(mine, bell),
                channel.following(other, other_bell),
                channel.following(end, last),
            ):
                await asyncio.sleep(0)
                for one in (bell, other_bell, last):
                    one.clear()
                for _again in range(2):
                    await asyncio.to_thread(change, there, mine)
                    await heard(bell)
                await asyncio.to_thread(change, there, end)
                await heard(last)
                assert not other_bell.is_set()

    asyncio.run(story())


def test_nobody_hears_of_what_is_not_committed(database_url: str) -> None:
    async def story() -> None:
        async with (
            process(database_url) as (_here, channel),
            process(database_url) as (there, _),
        ):
            name, end = new_id(), new_id()
            bell, last = asyncio.Event(), asyncio.Event()
            async with channel.following(name, bell), channel.following(end, last):
                bell.clear()
                with pytest.raises(ZeroDivisionError):
                    change_in_vain(there, name)
                last.clear()
                change(there, end)
                await heard(last)
                assert not bell.is_set()

    asyncio.run(story())


def test_statements_that_go_together_tell_at_their_commit(database_url: str) -> None:
    async def story() -> None:
        async with (
            process(database_url) as (_here, channel),
            process(database_url) as (there, _),
        ):
            names = [new_id() for _ in range(450)]
            bells = [asyncio.Event() for _ in names]
            async with AsyncExitStack() as stack:
                for name, bell in zip(names, bells, strict=True):
                    await stack.enter_async_context(channel.following(name, bell))
                for bell in bells:
                    bell.clear()
                with there.sending() as connection:
                    note_changes(connection, names)
                for bell in bells:
                    await heard(bell)

    asyncio.run(story())


def only_postgres(
    story: Callable[[str], Coroutine[Any, Any, None]], database_kind: str, url: str
) -> None:
    if database_kind == "sqlite":
        pytest.skip("there is no connection to lose")
    asyncio.run(story(url))


def test_after_a_lost_connection_everybody_looks_and_hears_again(
    database_kind: str, database_url: str
) -> None:
    async def story(url: str) -> None:
        async with process(url) as (_here, channel), process(url) as (there, _):
            name = new_id()
            bell = asyncio.Event()
            async with channel.following(name, bell):
                await heard(bell)
                await asyncio.to_thread(end_listeners, url)
                # The bell rings for what may have been lost, once somebody listens again.
                await heard(bell)
                await asyncio.to_thread(change, there, name)
                await heard(bell)

    only_postgres(story, database_kind, database_url)


def test_many_who_follow_share_one_connection(database_kind: str, database_url: str) -> None:
    async def story(url: str) -> None:
        async with process(url) as (_here, channel), AsyncExitStack() as stack:
            for _ in range(50):
                await stack.enter_async_context(channel.following(new_id(), asyncio.Event()))
            assert len(await asyncio.to_thread(listeners, url)) == 1

    only_postgres(story, database_kind, database_url)


LISTENERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND query = 'LISTEN treadle_executions'"
)


def listeners(url: str) -> list[int]:
    with psycopg.connect(plain(url)) as connection:
        return [row[0] for row in connection.execute(LISTENERS)]


def end_listeners(url: str) -> None:
    with psycopg.connect(plain(url)) as connection:
        ended = connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({LISTENERS}) AS l")
        assert {row[0] for row in ended} == {True}


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")


async def both_ways(folder: Path) -> None:
    here, there = LocalSockets(folder), LocalSockets(folder)
    name, bell = new_id(), asyncio.Event()
    async with here.following(name, bell):
        there.after_commit([name])
        await heard(bell)
    await here.close()
    await there.close()


def test_a_folder_with_a_long_name_will_do(tmp_path: Path) -> None:
    asyncio.run(both_ways(tmp_path / ("long" * 40) / "listeners"))


def test_what_a_killed_process_left_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    dead.bind("dead")
    dead.close()
    asyncio.run(both_ways(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_who_had_no_room_for_words_looks_at_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_sockets, "AGAIN_S", 0.001)

    async def story() -> None:
        here, there = LocalSockets(tmp_path), LocalSockets(tmp_path)
        names = [new_id() for _ in range(5000)]
        bells = {name: asyncio.Event() for name in names}
        async with AsyncExitStack() as stack:
            for name, bell in bells.items():
                await stack.enter_async_context(here.following(name, bell))
            # This loop reads nothing meanwhile, and a socket holds a few hundred words at most.
            for name in names:
                there.after_commit([name])
            for bell in bells.values():
                await heard(bell)
        await here.close()
        await there.close()

    asyncio.run(story())
