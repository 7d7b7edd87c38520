"""Undoing Content-Encoding (RFC 9110 section 8.4) of what comes in, up to the body limit."""

from __future__ import annotations

from collections.abc import Iterator

from functions.http.incoming.refused import BodyTooLarge, MalformedBody, UnknownBody
from functions.http.incoming.spooled import Content, Spooled, pieces_of, spool
from layers.media.coding import BrokenCoding, UnknownCoding, decoder


def is_coded(content_encoding: str) -> bool:
    """Whether there is any coding to undo."""
    return content_encoding.strip().lower() not in ("", "identity")


def decoded(content: Content, content_encoding: str, most: int) -> Content:
    """The body itself, of at most ``most`` bytes, however often it is coded.

    What comes from a file goes into a file. Raises UnknownBody (415) for a coding that is not
    known, MalformedBody (400) for bytes that are not coded so, and BodyTooLarge (413) as soon as
    more than ``most`` come out.
    """
    unpacked = _unpacked(content, content_encoding, most)
    return spool(unpacked) if isinstance(content, Spooled) else b"".join(unpacked)


def _unpacked(content: Content, content_encoding: str, most: int) -> Iterator[bytes]:
    try:
        unpacking = decoder(content_encoding)
    except UnknownCoding as error:
        raise UnknownBody(f"Content-Encoding: {error}. Send the body as it is, or so.") from error
    size = 0
    try:
        for coded in pieces_of(content):
            for piece in unpacking.feed(coded):
                size += len(piece)
                if size > most:
                    raise BodyTooLarge(
                        f"Unpacked, the body is larger than {most} bytes, which is the most that"
                        " this instance accepts; send less, or in parts."
                    )
                yield piece
    except BrokenCoding as error:
        raise _broken(content_encoding) from error
    if not unpacking.complete:
        raise _broken(content_encoding)


def _broken(content_encoding: str) -> MalformedBody:
    return MalformedBody(
        f"The body is not in the coding that Content-Encoding names ({content_encoding[:60]!r});"
        " send it whole, or without that header."
    )
