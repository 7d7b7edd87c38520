"""Files that came in with a request, and where they are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from functions.http.incoming.spooled import Content
from layers.contract import FileRef, FileStore, NodeError
from layers.errors import Unavailable
from layers.work import DISK

UNNAMED = "file"
LONGEST_NAME = 200
LONGEST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in; its bytes are kept nowhere yet."""

    name: str
    media_type: str
    content: Content


async def keep_uploads(files: FileStore, uploads: Sequence[Upload]) -> tuple[FileRef, ...]:
    """Put the files where the workspace's files are kept, in their order.

    Each is on disk when this returns: what names them may then be written. Raises Unavailable.
    """
    try:
        return tuple([await _kept(files, one) for one in uploads])
    except NodeError as error:
        raise Unavailable(f"{error.message} Send the request again later.") from error


async def _kept(files: FileStore, upload: Upload) -> FileRef:
    content = upload.content
    if isinstance(content, bytes):
        return await files.write(upload.name, upload.media_type, content)
    pieces = content.pieces()
    async with files.create(upload.name, upload.media_type) as writer:
        while piece := await DISK.run(next, pieces, b""):
            await writer.write(piece)
        return await writer.finish()


def name_of(disposition: str) -> str | None:
    """The file name of a Content-Disposition (RFC 6266, RFC 7578), without any folder.

    None where none is given; empty where the sender had no file to send.
    """
    message = Message()
    # Taking parameters apart costs time by the square of their length.
    message["Content-Disposition"] = disposition[:LONGEST_HEADER]
    named = message.get_filename()
    return None if named is None else safe_name(named)


def name_in_path(path: str) -> str:
    """The last part of an address as a file name."""
    return safe_name(unquote(path)) or UNNAMED


def safe_name(name: str) -> str:
    """The name without folders, control characters and dots in front."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    shown = last.encode("utf-8", "replace").decode()
    return re.sub(r"[\x00-\x1f\x7f]", "", shown).lstrip(".")[:LONGEST_NAME]
