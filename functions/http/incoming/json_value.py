"""JSON that a stranger sends: bounded in depth, keys and values before it is used."""

from __future__ import annotations

from collections.abc import Callable

from functions.http.incoming.refused import MalformedBody
from functions.http.incoming.texts import charset_refused, not_in_charset
from functions.http.json_body import check_shape, check_values, too_deep, too_many
from layers.contract import Json
from layers.jsontext import InvalidJson
from layers.media import json_text
from layers.media.charsets import NotInCharset, UnknownCharset
from layers.settings import LimitSettings

Reader = Callable[[bytes, str | None], Json]


def read_json_value(content: bytes, charset: str | None, limits: LimitSettings) -> Json:
    """One JSON value, of any encoding of Unicode.

    Raises MalformedBody (400), UnknownBody (415) for its charset, InvalidInput (422) where it is
    too deep or has too many keys, TooLarge (413) where it has too many values.
    """
    return _read(json_text.read, content, charset, limits)


def read_json_lines(content: bytes, charset: str | None, limits: LimitSettings) -> Json:
    """A list of the JSON values that stand one to a line; raises as ``read_json_value`` does."""
    if content.count(b"\n") >= limits.json_values:
        raise too_many(limits)
    return _read(json_text.read_lines, content, charset, limits)


def _read(reader: Reader, content: bytes, charset: str | None, limits: LimitSettings) -> Json:
    try:
        check_values(content, charset, limits)
        value = reader(content, charset)
    except UnknownCharset as error:
        raise charset_refused(error) from error
    except NotInCharset as error:
        raise not_in_charset(charset) from error
    except InvalidJson as error:
        # The parser has a depth limit of its own, far above any sensible one of ours.
        if "depth limit" in str(error):
            raise too_deep(limits) from error
        raise MalformedBody(str(error)) from error
    check_shape(value, content, limits)
    return value
