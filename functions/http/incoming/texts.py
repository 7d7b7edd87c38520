"""Bytes that came in, as text in the charset that their sender names."""

from __future__ import annotations

from functions.http.incoming.refused import MalformedBody, UnknownBody
from layers.media.charsets import NotInCharset, UnknownCharset, decode


def decoded_text(content: bytes, charset: str | None) -> str:
    """The text; UTF-8 where no charset is named, and a byte order mark wins and is dropped.

    Raises UnknownBody (415) for a charset that is not read here, MalformedBody (400) for bytes
    that are not text in theirs.
    """
    try:
        return decode(content, charset)
    except UnknownCharset as error:
        raise charset_refused(error) from error
    except NotInCharset as error:
        raise not_in_charset(charset) from error


def charset_refused(error: UnknownCharset) -> UnknownBody:
    """What the sender is told of a charset that is not read here."""
    return UnknownBody(str(error))


def not_in_charset(charset: str | None) -> MalformedBody:
    """What the sender is told of bytes that are no text in their charset."""
    return MalformedBody(
        f"The body is not text in the character set {(charset or 'utf-8')[:60]!r}; name the one"
        " that it is in as 'charset' of its Content-Type, or send UTF-8."
    )
