"""What a run of code prints, told while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from layers import jsontext
from layers.errors import TreadleError
from layers.sandbox.port import OnLog

MEDIA_TYPE = "application/x-ndjson"
Run = Callable[[OnLog], Awaitable[dict[str, Any]]]


async def told(run: Run) -> AsyncIterator[str]:
    """Lines of ``{stream, text}`` while it runs, and last one of ``{result}`` or ``{problem}``.

    Whoever stops listening ends the run.
    """
    pieces: asyncio.Queue[dict[str, str] | None] = asyncio.Queue()

    def hear(stream: str, text: str) -> None:
        pieces.put_nowait({"stream": stream, "text": text})

    task = asyncio.ensure_future(run(hear))
    task.add_done_callback(lambda _: pieces.put_nowait(None))
    try:
        while (piece := await pieces.get()) is not None:
            yield f"{jsontext.dumps(piece)}\n"
        yield f"{jsontext.dumps(_last(task))}\n"
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _last(task: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"result": task.result()}
    except TreadleError as error:
        return {"problem": {**error.more, "status": int(error.status), "detail": error.detail}}
