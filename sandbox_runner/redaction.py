"""Blanks a run's secrets out of what comes out of it.

They never enter the sandbox, but a host that was sent one may send it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson

from sandbox_runner.box import OnLog
from sandbox_runner.egress.secrets import Credential, Mask
from sandbox_runner.wire import RunResult


class Redaction:
    """Knows the secret values of one run's credentials."""

    def __init__(self, credentials: Sequence[Credential]) -> None:
        self._values = [value for one in credentials for value in one.secret.values()]
        self._masks: dict[str, Mask] = {}

    def listener(self, on_log: OnLog | None) -> OnLog | None:
        """Make a listener that passes on what is printed, without secrets."""
        if on_log is None or not self._values:
            return on_log

        def hear(stream: str, data: bytes) -> None:
            mask = self._masks.setdefault(stream, Mask(self._values))
            if seen := mask.hide(data):
                on_log(stream, seen)

        return hear

    def clean(self, result: RunResult) -> RunResult:
        """Return a result without secrets."""
        if not self._values:
            return result
        items = result.items
        if items is not None:
            # Written anew, so that there is one way only in which a character is written.
            items = self._hide(orjson.dumps(orjson.loads(items)))
        error = result.error
        if error is not None:
            error = replace(
                error,
                message=self._text(error.message),
                type=self._text(error.type),
                traceback=self._text(error.traceback),
            )
        logs = [{**one, "text": self._text(one["text"])} for one in result.logs]
        files = [
            replace(one, name=self._text(one.name), content=self._hide(one.content))
            for one in result.files
        ]
        return replace(result, items=items, error=error, logs=logs, files=files)

    def _text(self, text: str) -> str:
        return self._hide(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")

    def _hide(self, data: bytes) -> bytes:
        mask = Mask(self._values)
        return mask.hide(data) + mask.rest()
