"""What comes back: a value that is read whole, or a file that goes through in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from functions.nodes.http_answer import file_name
from functions.nodes.http_reading import ResponseType, begins_a_file, beside, kind_of, read_body
from layers.contract import (
    FileRef,
    FileStore,
    FileWriter,
    HttpResponse,
    HttpStream,
    Json,
    NodeError,
)
from layers.media.masking import Masker

HEAD = 1024 * 1024
"""From this size on, a file is not held in memory."""
MOST_IN_MEMORY = 256 * 1024 * 1024
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Received:
    """An answer, with its body as a value, or as the file that it has become.

    ``response`` has the body's bytes only where it is a value.
    """

    response: HttpResponse
    value: Json | FileRef


@dataclass(frozen=True)
class Receiver:
    """How answers are read, and where their files are kept; ``hide`` blanks out secrets."""

    wanted: ResponseType
    files: FileStore
    masker: Masker
    hide: Callable[[str], str]

    async def receive(self, answer: HttpStream, check: Callable[[HttpResponse], None]) -> Received:
        """Read an answer; ``check`` raises for one that is a failure.

        Raises NodeError as ``read_body`` does, and where the file cannot be kept.
        """
        pieces = answer.pieces()
        head = bytearray()
        async for piece in pieces:
            head += piece
            if len(head) > HEAD:
                break
        response = _response(answer, bytes(head))
        is_failure = answer.status >= 400
        if len(head) > HEAD and not is_failure and begins_a_file(response, self.wanted):
            file = await self._keep(answer, bytes(head), pieces)
            return Received(_response(answer, b""), file)
        async for piece in pieces:
            head += piece
            if len(head) > MOST_IN_MEMORY:
                raise NodeError(
                    f"The answer is a value of more than {MOST_IN_MEMORY // 1024**2} MB. Ask for "
                    "less at a time, or set 'response' to 'binary' to have it as a file.",
                    kind="response_too_large",
                )
        response = _response(answer, bytes(head))
        check(response)
        return await self._read(response)

    async def _read(self, response: HttpResponse) -> Received:
        value = await read_body(response, self.wanted)
        if not isinstance(value, bytes):
            return Received(response, value)
        return Received(response, await self._keep(response, value))

    async def _keep(
        self,
        answer: HttpStream | HttpResponse,
        head: bytes,
        pieces: AsyncIterator[bytes] | None = None,
    ) -> FileRef:
        """The body as a file, without the secrets."""
        response = _response(answer, b"")
        kind = self.hide(kind_of(response)) or _UNKNOWN
        async with self.files.create(file_name(response, self.hide), kind) as writer:
            await self._write(writer, _joined(head, pieces))
            return await writer.finish()

    async def _write(self, writer: FileWriter, pieces: AsyncIterator[bytes]) -> None:
        if not self.masker:
            async for piece in pieces:
                await writer.write(piece)
            return
        hidden = self.masker.stream()
        async for piece in _gathered(pieces):
            await writer.write(await beside(len(piece), partial(hidden.hide, piece)))
        await writer.write(hidden.rest())


def _response(answer: HttpStream | HttpResponse, body: bytes) -> HttpResponse:
    return HttpResponse(answer.status, answer.headers, body, answer.url, answer.set_cookies)


async def _joined(head: bytes, pieces: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    yield head
    if pieces is not None:
        async for piece in pieces:
            yield piece


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger pieces: each of them goes to a thread of its own."""
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        if len(gathered) >= HEAD:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)
