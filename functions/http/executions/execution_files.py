"""The files that travel with an execution's items, for a person to keep."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from starlette.types import Receive, Scope, Send

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.file_answer import FileAnswer, StoredFile
from functions.http.incoming.uploads import UNNAMED, safe_name
from functions.http.shapes import PathId
from layers.artifacts.in_time import in_time
from layers.contract import FileRef
from layers.database.repositories.executions import execution_exists
from layers.errors import NotFound
from layers.identity import Caller, Permission
from layers.media.disposition import disposition
from layers.work import DATABASE

router = group("execution files", "/executions")

BINARY = "application/octet-stream"
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {BINARY: {}}, "description": "The file, or the part that Range asks for."}
}
Key = Annotated[
    str, Path(pattern="^sha256:[0-9a-f]{64}$", description="What the item's file has as `key`.")
]
Name = Annotated[str, Query(max_length=200, description="What the file is to be called.")]


class Download(Response):
    """A file that is sent in pieces."""

    def __init__(self, answer: FileAnswer) -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._answer(scope, receive, send)


@router.get("/{execution_id}/files/{key}", response_class=Response, responses=FILE)
async def read_file(
    execution_id: PathId,
    key: Key,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
    name: Name = UNNAMED,
) -> Response:
    """Read a file that stands beside an item of an execution.

    It is always sent as something to keep, whatever it is: a browser shows nothing of it.
    """
    parts = parts_of(request)
    store, workspace_id = parts.artifacts, caller.workspace_id

    def is_there() -> bool:
        with parts.database.reading() as connection:
            return execution_exists(connection, workspace_id, execution_id)

    if not await DATABASE.run(is_there) or not await in_time(0, store.exists, workspace_id, key):
        raise NotFound("There is no such execution, or no such file any more.")
    size = await in_time(0, store.length, workspace_id, key)
    file = FileRef(safe_name(name) or UNNAMED, BINARY, size, key)
    headers = [
        ("content-type", BINARY),
        ("content-disposition", disposition(file.name, "attachment")),
        ("cache-control", "private, no-cache"),
    ]
    return Download(FileAnswer(StoredFile(store, workspace_id, file), 200, headers))
