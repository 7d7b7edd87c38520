"""The one reader of what comes in: bytes and headers made into a body and files."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, replace
from email.message import Message
from functools import lru_cache

from starlette.datastructures import Headers

from functions.http.incoming.coded import decoded, is_coded
from functions.http.incoming.forms import grouped, read_form
from functions.http.incoming.json_value import read_json_lines, read_json_value
from functions.http.incoming.parts import Part, read_parts
from functions.http.incoming.refused import body_too_large
from functions.http.incoming.spooled import Content, Spooled
from functions.http.incoming.texts import decoded_text
from functions.http.incoming.uploads import UNNAMED, Upload, name_in_path, name_of
from layers.contract import Json
from layers.media import types
from layers.media.charsets import LARGE
from layers.settings import LimitSettings
from layers.work import Limiter

BINARY = "application/octet-stream"
PARTS = "parts"
"""Where the values of parts without a name go."""

# Few, so that many large bodies at once wait for one another and not the event loop for them.
_READERS = Limiter("bodies", 2)


@dataclass(slots=True)
class Received:
    """What came over the wire. ``path`` names a file whose sender gave it no name."""

    headers: Headers
    content: Content
    path: str


@dataclass(slots=True)
class Body:
    """What a body says: its value (None where it is a file, or empty), and the files in it."""

    value: Json = None
    files: tuple[Upload, ...] = ()


async def read_body(received: Received, limits: LimitSettings) -> Body:
    """Read the body by its Content-Encoding and Content-Type.

    JSON (of any of its media types), JSON lines (a list), forms, texts and ``multipart/*`` give a
    value; other bytes are one file. Small bodies are read at once, large and coded ones in a
    thread, and files of what is in a file stay there. Raises MalformedBody (400), UnknownBody
    (415), BodyTooLarge (413) and InvalidInput (422), each with what the sender can do.
    """
    if not received.content:
        return Body()
    is_plain = "content-encoding" not in received.headers or not is_coded(_coding(received))
    if is_plain and len(received.content) <= LARGE:
        return _read(received, limits)
    return await _READERS.run(_unpack, received, limits)


def _unpack(received: Received, limits: LimitSettings) -> Body:
    coding = _coding(received)
    if is_coded(coding):
        is_spooled = isinstance(received.content, Spooled)
        most = limits.upload_bytes if is_spooled else limits.body_bytes
        content = decoded(received.content, coding, most)
        received = replace(received, content=content)
    return _read(received, limits) if received.content else Body()


def _coding(received: Received) -> str:
    return ", ".join(received.headers.getlist("content-encoding"))


def _read(received: Received, limits: LimitSettings) -> Body:
    content = received.content
    announced = received.headers.get("content-type", "")
    kind, charset = _announced(announced)
    if types.is_multipart(kind):
        return _multipart(content, types.parameters(announced).get("boundary", ""), limits)
    if isinstance(content, bytes):
        if types.is_json(kind):
            return Body(read_json_value(content, charset, limits))
        if types.is_form(kind):
            return Body(read_form(content, charset))
        if _is_value(kind, content):
            return Body(_value(kind, content, charset, limits))
    disposition = received.headers.get("content-disposition", "")
    name = name_of(disposition) or name_in_path(received.path)
    return Body(None, (Upload(name, kind or BINARY, content),))


@lru_cache(maxsize=256)
def _announced(content_type: str) -> tuple[str, str | None]:
    """Media type and charset; kept, because taking the header apart costs more than the body."""
    return types.media_type(content_type), types.charset_of(content_type)


def _is_value(kind: str, content: Content) -> bool:
    """Whether it is something to read, and not a file; without a type, what UTF-8 holds is."""
    if kind:
        return types.is_json(kind) or types.is_json_lines(kind) or types.is_text(kind)
    if isinstance(content, Spooled):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _value(kind: str, content: bytes, charset: str | None, limits: LimitSettings) -> Json:
    if types.is_json(kind) or (not kind and content.lstrip()[:1] in (b"{", b"[")):
        return read_json_value(content, charset, limits)
    if types.is_json_lines(kind):
        return read_json_lines(content, charset, limits)
    return decoded_text(content, charset)


def _multipart(content: Content, boundary: str, limits: LimitSettings) -> Body:
    pairs: list[tuple[str, Json]] = []
    unnamed: list[Json] = []
    files: list[Upload] = []
    room = limits.body_bytes
    for part in read_parts(content, boundary):
        name = _field_name(part)
        upload = _upload(part, name)
        if upload is not None:
            files.extend(upload)
            continue
        announced = part.headers.get("content-type", "")
        kind, charset = _announced(announced)
        room -= len(part.content)
        if room < 0:
            raise body_too_large(limits.body_bytes)
        whole = part.content.whole() if isinstance(part.content, Spooled) else part.content
        value = _value(kind or "text/plain", whole, charset, limits)
        if name is None:
            unnamed.append(value)
        else:
            pairs.append((name, value))
    value = grouped(pairs)
    return Body({**value, PARTS: unnamed} if unnamed else value, tuple(files))


def _field_name(part: Part) -> str | None:
    message = Message()
    message["Content-Disposition"] = part.disposition
    name = message.get_param("name", header="content-disposition")
    return name if isinstance(name, str) else None


def _upload(part: Part, field: str | None) -> list[Upload] | None:
    """The file that the part is; none where its sender chose none; None where it is no file."""
    announced = part.headers.get("content-type", "")
    kind = types.media_type(announced)
    name = name_of(part.disposition)
    if name is None and (not kind or _is_value(kind, part.content)):
        return None
    if name == "" and not part.content:
        return []
    name = name or field or UNNAMED
    return [Upload(name, kind or mimetypes.guess_type(name)[0] or BINARY, part.content)]
