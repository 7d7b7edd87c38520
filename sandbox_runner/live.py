"""A run's answer as a stream: what it prints while it runs, and at the end its result.

A caller who accepts ``application/x-ndjson`` gets it for a run that is not over within a moment:
lines ``{"stream": "stdout", "text": "…"}`` and last ``{"status": 200, "result": {…}}``.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Callable

from layers import jsontext
from sandbox_runner.wire import RunResult

MEDIA_TYPE = "application/x-ndjson"
AFTER_S = 0.2
_PAUSE_S = 0.1
_DECODER = codecs.getincrementaldecoder("utf-8")


class Heard:
    """What a run has printed and nobody was told of yet."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._pieces: list[tuple[str, str]] = []
        self._decoders = {name: _DECODER("replace") for name in ("stdout", "stderr")}

    def hear(self, stream: str, data: bytes) -> None:
        """Take a piece, which may end in the middle of a character."""
        text = self._decoders[stream].decode(data)
        if text:
            self._pieces.append((stream, text))
            self.news.set()

    def lines(self) -> bytes:
        """Return what is new as lines, and forget it."""
        told: list[tuple[str, str]] = []
        for stream, text in self._pieces:
            if told and told[-1][0] == stream:
                told[-1] = stream, told[-1][1] + text
            else:
                told.append((stream, text))
        self._pieces.clear()
        lines = [jsontext.dumps({"stream": stream, "text": text}) for stream, text in told]
        return "".join(f"{line}\n" for line in lines).encode()


async def stream(
    run: asyncio.Task[RunResult],
    heard: Heard,
    write: Callable[[RunResult], tuple[bytes, int]],
    cancel: Callable[[], object],
) -> AsyncIterator[bytes]:
    """Tell of a run until it is over; whoever stops listening ends it, by ``cancel``."""
    run.add_done_callback(lambda _: heard.news.set())
    try:
        while not run.done():
            await heard.news.wait()
            heard.news.clear()
            if lines := heard.lines():
                yield lines
            # Many small pieces make one line.
            await asyncio.wait((run,), timeout=_PAUSE_S)
        body, status = write(run.result())
        result, _, content = body.partition(b"\n")
        yield b'%s{"status":%d,"result":%s}\n' % (heard.lines(), status, result)
        if content:
            yield content
    finally:
        if not run.done():
            cancel()
