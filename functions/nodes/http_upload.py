"""Bodies with files: forms of several parts, and the bytes of a file alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from functions.nodes.http_body import encoded, scalar
from layers.contract import FileRef, FileStore, Item, Json, NodeError, StreamedBody

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?", re.ASCII)
_UNKNOWN = "application/octet-stream"
_SMALL = 256 * 1024
"""So many bytes are rather sent at once than read while they are sent."""


@dataclass(frozen=True)
class _Part:
    name: str
    content: bytes | FileRef
    media_type: str | None = None
    file_name: str | None = None

    def head(self) -> bytes:
        """The part's headers, names as browsers write them (RFC 7578 section 4.2, HTML)."""
        said = f'Content-Disposition: form-data; name="{_quoted(self.name)}"'
        if self.file_name is not None:
            said += f'; filename="{_quoted(self.file_name)}"'
        if self.media_type is not None:
            said += f"\r\nContent-Type: {self.media_type}"
        return encoded(said, None) + b"\r\n\r\n"


_Piece = bytes | FileRef


async def multipart_body(
    value: Json, item: Item, files: FileStore
) -> tuple[bytes | StreamedBody, str]:
    """Return a body of ``multipart/form-data`` (RFC 7578), and the media type with its boundary.

    ``value`` is an object of fields: a text or number as it is, ``{"file": NAME}`` the item's file
    of that name (``filename`` and ``media_type`` beside it replace the file's own), any other
    object as JSON, a list as several parts of one name, null none.
    """
    if not isinstance(value, Mapping):
        raise NodeError(
            'The multipart body must be an object of fields, such as {"document": '
            '{"file": "a.pdf"}}.',
            kind="body",
        )
    parts = [
        _part(name, one, item)
        for name, given in value.items()
        for one in (given if isinstance(given, list) else [given])
        if one is not None
    ]
    boundary = _boundary(parts)
    mark = b"--" + boundary.encode()
    pieces: list[_Piece] = [
        piece for part in parts for piece in (mark + b"\r\n" + part.head(), part.content, b"\r\n")
    ]
    body = await _body([*pieces, mark + b"--\r\n"], boundary, files)
    return body, f"multipart/form-data; boundary={boundary}"


async def file_body(value: Json, item: Item, files: FileStore) -> tuple[bytes | StreamedBody, str]:
    """Return a file as a body, and its media type.

    ``value`` is the name of one of the item's files, or ``{"file": NAME}``; null stands for the
    only one that the item has.
    """
    name = value.get("file") if isinstance(value, Mapping) else value
    if name is None and len(item.files) == 1:
        chosen = item.files[0]
    elif name is None:
        raise NodeError(
            f"The item has {len(item.files)} files, so 'body' must name the one to send"
            f"{_have(item)}.",
            kind="body",
        )
    else:
        chosen = _chosen(name, item, "body")
    return await _body([chosen], chosen.key, files), _media_type(chosen.media_type)


async def _body(pieces: Sequence[_Piece], digest: str, files: FileStore) -> bytes | StreamedBody:
    """What the pieces are together: bytes if they are few."""

    async def opened() -> AsyncIterator[bytes]:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                async for part in files.open(piece):
                    yield part

    size = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)
    if size <= _SMALL:
        return b"".join([piece async for piece in opened()])
    return StreamedBody(size, digest, opened)


def _part(name: str, value: Json, item: Item) -> _Part:
    if not isinstance(value, Mapping):
        return _Part(name, encoded(scalar(value, f"field '{name}'"), None))
    if "file" not in value:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return _Part(name, encoded(text, None), "application/json")
    chosen = _chosen(value["file"], item, f"field '{name}'")
    kind = scalar(value.get("media_type") or chosen.media_type, f"media type of '{name}'")
    shown = scalar(value.get("filename") or chosen.name, f"file name of '{name}'")
    return _Part(name, chosen, _media_type(kind), shown)


def _chosen(name: Json, item: Item, where: str) -> FileRef:
    for file in item.files:
        if file.name == name:
            return file
    raise NodeError(
        f"The {where} names the file {str(name)[:200]!r}, which the item does not have"
        f"{_have(item)}.",
        kind="body",
        detail={"file": str(name)[:200]},
    )


def _have(item: Item) -> str:
    names = ", ".join(repr(file.name) for file in item.files[:10])
    return f" (it has {names})" if names else " (it has no files)"


def _boundary(parts: list[_Part]) -> str:
    """The same for the same parts, so that a second attempt sends the same; in none of them."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.head())
        # A file's key stands for its bytes.
        content = part.content
        digest.update(
            hashlib.sha256(content).digest() if isinstance(content, bytes) else content.key.encode()
        )
    return f"treadle-{digest.hexdigest()[:40]}"


def _media_type(kind: str) -> str:
    return kind if _MEDIA_TYPE.fullmatch(kind) else _UNKNOWN


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
