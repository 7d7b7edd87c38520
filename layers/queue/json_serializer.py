"""Messages as JSON: a queue that anybody can write to must not carry pickles."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer

from layers.ids import is_id

NOTICE = "layers.queue.huey_notifier.ring"


class RefusedMessage(ValueError):
    """A message in the queue is not one of ours."""


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Writes a notice as ``{"id": …, "execution": …}`` and refuses everything else."""

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message):
            return json.dumps(data).encode()
        return json.dumps({"id": data.id, "execution": data.args[0]}).encode()

    def _deserialize(self, data: bytes) -> Any:
        try:
            message = json.loads(bytes(data))
            identifier, execution = message["id"], message["execution"]
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedMessage("a message that is not JSON of ours was dropped") from error
        if not (isinstance(execution, str) and is_id(execution) and isinstance(identifier, str)):
            raise RefusedMessage("a message without an execution's id was dropped")
        return Message(
            id=identifier,
            name=NOTICE,
            args=(execution,),
            kwargs={},
            retries=0,
            retry_delay=0,
        )
