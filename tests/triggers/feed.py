"""Triggers for these tests: their source is a board in this process, or files beside it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from layers.contract import (
    AcquireContext,
    Event,
    HttpRequest,
    Item,
    Json,
    ListenContext,
    NodeError,
    Params,
    Poll,
    Sample,
    Slot,
    Source,
    Trigger,
    TriggerContext,
)
from layers.credentials.authentication import authentication
from layers.registry import Registry, installed

PAGE = 2


@dataclass
class Board:
    """What a source has to tell, and what was asked of it."""

    items: list[Mapping[str, Any]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    """Polls wait for it."""
    failing: Callable[[], Exception] | None = None
    polls: list[float] = field(default_factory=list)
    listening: list[str] = field(default_factory=list)
    """Who listens now, by the name of the task's thread."""
    started: int = 0
    """How often somebody began to listen."""
    ending: Exception | None = None
    """Raised by who listens, once."""
    nudging: set[Callable[[], None]] = field(default_factory=set)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    """What was acquired and released at the provider."""
    refusing: Callable[[], Exception] | None = None
    heads: int = 0
    secrets: list[tuple[str, str | None]] = field(default_factory=list)
    """What was acquired with, by slot."""


BOARDS: dict[str, Board] = {}


class FeedParams(Params):
    """Which board, and how often to look."""

    board: str = Field(default="", title="Board", description="Its name.", examples=["a"])
    every_s: float = Field(default=3600, title="Every", description="A pause.", examples=[60])
    pages: bool = Field(default=False, title="Pages", description="Two a page.", examples=[True])


async def poll_feed(params: FeedParams, cursor: Json, ctx: TriggerContext) -> Poll:
    board = BOARDS[params.board]
    board.polls.append(ctx.now)
    seen = len(board.items) if cursor is None and not params.pages else (cursor or 0)
    end = seen + PAGE if params.pages else len(board.items)
    found = board.items[seen:end]
    while not board.open.is_set():
        await asyncio.sleep(0.005)
    if board.failing is not None:
        raise board.failing()
    for item in found:
        ctx.log(f"found {item.get('n')}")
    events = []
    for number, values in enumerate(found, seen):
        item = Item(values)
        if "file" in values:
            item.files = (await ctx.files.write("a.txt", "text/plain", b"attached"),)
        events.append(Event(str(number), [item]))
    return Poll(
        events,
        seen + len(found),
        next_at=ctx.now + params.every_s,
        more=params.pages and end < len(board.items),
    )


async def poll_signed(params: FeedParams, cursor: Json, ctx: TriggerContext) -> Poll:
    auth = await authentication(ctx, ["http_bearer"])
    signed = auth.signed(HttpRequest("GET", "https://feed.example/new"), ctx.now)
    BOARDS[params.board].calls.append(("poll", signed.headers.get("Authorization")))
    return Poll((), cursor, next_at=ctx.now + params.every_s)


async def listen_to_feed(params: FeedParams, ctx: ListenContext) -> None:
    board = BOARDS[params.board]
    board.started += 1
    name = threading.current_thread().name
    board.listening.append(name)
    board.nudging.add(ctx.nudge)
    try:
        ctx.nudge()
        while True:
            await asyncio.sleep(0.005)
            if board.ending is not None:
                error, board.ending = board.ending, None
                raise error
    finally:
        board.nudging.discard(ctx.nudge)
        board.listening.remove(name)


async def acquire_with_both(params: FeedParams, ctx: AcquireContext) -> Json:
    """Keep what each slot holds."""
    board = BOARDS[params.board]
    for slot in ("account", "archive"):
        found = await ctx.credential(slot=slot)
        board.secrets.append((slot, None if found is None else found["token"]))
    return await acquire_feed(params, ctx)


async def acquire_feed(params: FeedParams, ctx: AcquireContext) -> Json:
    board = BOARDS[params.board]
    board.calls.append(("acquire", ctx.key))
    if board.refusing is not None:
        raise board.refusing()
    return {"subscription": ctx.key}


async def release_feed(params: FeedParams, acquired: Json, ctx: AcquireContext) -> None:
    BOARDS[params.board].calls.append(("release", acquired))
    assert acquired is None or acquired == {"subscription": ctx.key}


SAMPLE = Sample(params={}, outputs={"main": [{"n": 1}]})


def feed(name: str, **more: Any) -> Trigger[FeedParams]:
    return Trigger(
        type=name,
        title="Feed",
        category="Triggers",
        summary="Starts for each item of a board.",
        params=FeedParams,
        source=Source.POLL,
        sample=SAMPLE,
        **{"poll": poll_feed, "interval_s": lambda params: params.every_s, **more},
    )


class LinesParams(Params):
    """Files: the lines of ``path`` are events; what is done is noted beside it."""

    path: str = Field(default="", title="File", description="Its path.", examples=["/a"])


async def poll_lines(params: LinesParams, cursor: Json, ctx: TriggerContext) -> Poll:
    path = Path(params.path)
    lines = path.read_text().splitlines()
    with path.with_suffix(".polls").open("a") as polls:
        polls.write(f"{os.getpid()}\n")
    while path.with_suffix(".closed").exists():
        await asyncio.sleep(0.005)
    seen = cursor or 0
    events = [Event(str(n), [Item(line=line)]) for n, line in enumerate(lines[seen:], seen)]
    return Poll(events, len(lines), next_at=ctx.now + 3600)


async def listen_to_lines(params: LinesParams, ctx: ListenContext) -> None:
    path = Path(params.path)
    with path.with_suffix(".listeners").open("a") as listeners:
        listeners.write(f"{os.getpid()}\n")
    size = -1
    while True:
        if path.stat().st_size != size:
            size = path.stat().st_size
            ctx.nudge()
        await asyncio.sleep(0.02)


LINES = Trigger(
    type="lines",
    title="Lines",
    category="Triggers",
    summary="Starts for each line of a file.",
    params=LinesParams,
    source=Source.POLL,
    poll=poll_lines,
    listen=listen_to_lines,
    sample=SAMPLE,
)


def all_types() -> Registry:
    """What is installed, and the triggers of these tests."""
    found = installed()
    ours = [
        feed("feed"),
        feed("paced_feed", min_interval_s=30.0),
        feed("signed_feed", poll=poll_signed, credential_types=("http_bearer",)),
        feed("live_feed", listen=listen_to_feed),
        feed(
            "two_keys_feed",
            acquire=acquire_with_both,
            release=release_feed,
            credentials=(
                Slot("account", "Account", types=("http_bearer",)),
                Slot("archive", "Archive", types=("http_bearer",)),
            ),
        ),
        feed("held_feed", listen=listen_to_feed, acquire=acquire_feed, release=release_feed),
        LINES,
    ]
    return Registry.of(
        found.nodes.values(), [*found.triggers.values(), *ours], found.credentials.values()
    )


def broken() -> Exception:
    """What a source says that wants a person."""
    return NodeError("The folder 'a' does not exist.", remedy="Choose another folder.")
