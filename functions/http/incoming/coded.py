"""Undoing Content-Encoding (RFC 9110 section 8.4) of what comes in, up to the body limit."""

from __future__ import annotations

from functions.http.incoming.refused import BodyTooLarge, MalformedBody, UnknownBody
from layers.media.coding import BrokenCoding, UnknownCoding, decoder


def is_coded(content_encoding: str) -> bool:
    """Whether there is any coding to undo."""
    return content_encoding.strip().lower() not in ("", "identity")


def decoded(content: bytes, content_encoding: str, most: int) -> bytes:
    """The body itself, of at most ``most`` bytes, however often it is coded.

    Raises UnknownBody (415) for a coding that is not known, MalformedBody (400) for bytes that
    are not coded so, and BodyTooLarge (413) as soon as more than ``most`` come out.
    """
    try:
        unpacking = decoder(content_encoding)
    except UnknownCoding as error:
        raise UnknownBody(f"Content-Encoding: {error}. Send the body as it is, or so.") from error
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in unpacking.feed(content):
            size += len(piece)
            if size > most:
                raise BodyTooLarge(
                    f"Unpacked, the body is larger than {most} bytes, which is the most that this"
                    " instance accepts; send less, or in parts."
                )
            pieces.append(piece)
    except BrokenCoding as error:
        raise _broken(content_encoding) from error
    if not unpacking.complete:
        raise _broken(content_encoding)
    return b"".join(pieces)


def _broken(content_encoding: str) -> MalformedBody:
    return MalformedBody(
        f"The body is not in the coding that Content-Encoding names ({content_encoding[:60]!r});"
        " send it whole, or without that header."
    )
