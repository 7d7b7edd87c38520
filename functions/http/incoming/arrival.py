"""How much of a body is held in memory while it comes in, and how much of it is taken at all."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.requests import Request

from functions.http.incoming.coded import is_coded
from functions.http.incoming.refused import body_too_large
from functions.http.incoming.spooled import Content, spool_stream
from layers.media import types
from layers.settings import LimitSettings

HEAD = 1024 * 1024
"""From this size on, files are not held in memory."""


async def arrive(request: Request, limits: LimitSettings, *, in_memory: bool = False) -> Content:
    """Read a request's body: into memory, or a file where it is large and is, or has, files.

    ``in_memory`` keeps that from being so. Whoever gets a ``Spooled`` closes it. Raises TooLarge:
    for what is held in memory beyond ``body_bytes``, for files beyond ``upload_bytes``.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) <= min(HEAD, limits.body_bytes):
        return await request.body()
    pieces = request.stream()
    if not in_memory and may_be_files(request.headers):
        head = await _gathered(pieces, HEAD)
        if len(head) <= HEAD:
            return bytes(head)
        if _begins_files(request.headers, bytes(head)):
            return await spool_stream(bytes(head), pieces)
    else:
        head = bytearray()
        if announced.isdigit() and int(announced) > limits.body_bytes:
            raise body_too_large(limits.body_bytes)
    rest = await _gathered(pieces, limits.body_bytes - len(head))
    if len(head) + len(rest) > limits.body_bytes:
        raise body_too_large(limits.body_bytes)
    return bytes(head + rest)


def may_be_files(headers: Headers) -> bool:
    """Whether the body may be a file or have files, by what its sender says of it."""
    kind = types.media_type(headers.get("content-type", ""))
    if not kind:
        # What it is can be seen at its beginning, but not through a coding.
        return not is_coded(", ".join(headers.getlist("content-encoding")))
    return not is_value(kind)


def is_value(kind: str) -> bool:
    """Whether a media type means one value to be read, and no file."""
    return (
        types.is_json(kind)
        or types.is_json_lines(kind)
        or types.is_form(kind)
        or types.is_text(kind)
    )


def _begins_files(headers: Headers, head: bytes) -> bool:
    """Whether it is no text: without a type, what UTF-8 holds is. Its last letter may be cut."""
    if types.media_type(headers.get("content-type", "")):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return True
    return False


async def _gathered(pieces: AsyncIterator[bytes], most: int) -> bytearray:
    """What comes, to its end or to the piece that makes it more than so many bytes."""
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        if len(gathered) > most:
            break
    return gathered
