"""Where JSON text is kept: in its row, or in the artifact store when it is large."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from layers import jsontext
from layers.artifacts.in_time import in_time
from layers.artifacts.port import ArtifactStore
from layers.contract import FileRef, Item, Json
from layers.engine.accept import Incoming
from layers.engine.artifact_refs import names_in
from layers.engine.core.lineage import Origin
from layers.engine.item_codec import decode_items, decode_result, encode_items
from layers.engine.outcomes import Answer
from layers.engine.rows import EventRow


class PayloadStore:
    """Puts texts of more than ``inline_bytes`` into the artifact store, and finds them again."""

    def __init__(self, artifacts: ArtifactStore, inline_bytes: int) -> None:
        self._artifacts = artifacts
        self._inline = inline_bytes

    async def payload(self, workspace_id: str, items: Sequence[Item]) -> dict[str, Any]:
        """The ``payload`` or ``artifact`` that an ``Incoming`` carries for these ``items``."""
        packed = encode_items(items)
        if len(packed) <= self._inline:
            return {"payload": packed, "artifact": None, "items": items}
        artifact = await self._put(workspace_id, packed)
        names = names_in(packed)
        return {"payload": None, "artifact": artifact, "names": names, "items": items}

    async def fit(self, incoming: Sequence[Incoming]) -> list[Incoming]:
        """Put large payloads of executions to be started into the artifact store."""
        fitting = []
        for one in incoming:
            if one.payload is not None and len(one.payload) > self._inline:
                artifact = await self._put(one.workspace_id, one.payload)
                names = names_in(one.payload)
                fitting.append(replace(one, payload=None, artifact=artifact, names=names))
            else:
                fitting.append(one)
        return fitting

    async def event_items(self, workspace_id: str, event: EventRow) -> list[Item]:
        """The items of the event that an execution began with."""
        return decode_items(await self.read(workspace_id, event.payload, event.artifact))

    async def read(self, workspace_id: str, inline: str | None, artifact: str | None) -> str:
        """The text of a row, wherever it is kept."""
        if inline is not None:
            return inline
        assert artifact is not None
        found = await in_time(0, self._artifacts.get, workspace_id, artifact)
        return found.decode()

    async def keep(self, workspace_id: str, text: str) -> str:
        """A text as one column keeps it: itself, or JSON that names the artifact."""
        if len(text) <= self._inline:
            return text
        return jsontext.dumps({"artifact": await self._put(workspace_id, text)})

    async def kept(self, workspace_id: str, text: str) -> str:
        """What was given to ``keep``."""
        packed = jsontext.loads(text)
        if isinstance(packed, dict) and set(packed) == {"artifact"}:
            return await self.read(workspace_id, None, packed["artifact"])
        return text

    async def kept_items(self, workspace_id: str, text: str | None) -> list[Item]:
        """The items of an execution's output."""
        return [] if text is None else decode_items(await self.kept(workspace_id, text))

    async def kept_result(
        self, workspace_id: str, text: str | None
    ) -> tuple[list[Item], Sequence[Origin] | None]:
        """The items of a called execution, and which of its first ones each was made of."""
        if text is None:
            return [], None
        return decode_result(await self.kept(workspace_id, text))

    async def move_large(self, rows: Iterable[dict[str, Any]]) -> None:
        """Put large outputs into the artifact store, before the rows that name them.

        What their texts name is in ``names`` of the rows then.
        """
        for row in rows:
            output = row["output"]
            if output is not None and len(output) > self._inline:
                row["artifact"] = await self._put(row["workspace_id"], output)
                row["names"] = names_in(output)
                row["output"] = None

    async def keep_answer(self, workspace_id: str, answer: Answer) -> str:
        """An answer as the execution's row keeps it."""
        body: dict[str, Any]
        if isinstance(answer.body, bytes):
            body = {"base64": base64.b64encode(answer.body).decode()}
        elif isinstance(answer.body, FileRef):
            body = {"file": asdict(answer.body)}
        else:
            body = {"json": answer.body}
        packed = {"status": answer.status, "headers": dict(answer.headers), "body": body}
        return await self.keep(workspace_id, jsontext.dumps(packed))

    async def kept_answer(self, workspace_id: str, text: str) -> Answer:
        """Read what ``keep_answer`` gave."""
        packed = jsontext.loads(await self.kept(workspace_id, text))
        return Answer(packed["status"], packed["headers"], _body(packed["body"]))

    async def _put(self, workspace_id: str, text: str) -> str:
        return await in_time(len(text), self._artifacts.put, workspace_id, text.encode())


def _body(packed: dict[str, Any]) -> Json | bytes | FileRef:
    if "base64" in packed:
        return base64.b64decode(packed["base64"])
    if "file" in packed:
        return FileRef(**packed["file"])
    return packed["json"]
