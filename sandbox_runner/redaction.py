"""Blanks a run's secrets out of what comes out of it.

They never enter the sandbox, but a host that was sent one may send it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson

from layers.media.masking import MaskedStream, Masker
from sandbox_runner.egress.secrets import Credential
from sandbox_runner.ended import OnLog
from sandbox_runner.wire import RunResult

# What the guest cuts an error's message to.
_LONGEST_MESSAGE = 4096


class Redaction:
    """Knows the secret values of one run's credentials."""

    def __init__(self, credentials: Sequence[Credential]) -> None:
        self._masker = Masker(value for one in credentials for value in one.secret.values())
        self._streams: dict[str, MaskedStream] = {}
        self._on_log: OnLog | None = None

    def listener(self, on_log: OnLog | None) -> OnLog | None:
        """Make a listener that passes on what is printed, without secrets."""
        self._on_log = on_log
        if on_log is None or not self._masker:
            return on_log

        def hear(stream: str, data: bytes) -> None:
            mask = self._streams.setdefault(stream, self._masker.stream())
            if seen := mask.hide(data):
                on_log(stream, seen)

        return hear

    def clean(self, result: RunResult) -> RunResult:
        """Return a result without secrets; the listener hears what it has not heard yet."""
        if not self._masker:
            return result
        for stream, mask in self._streams.items():
            # What might have been the beginning of a secret was none, unless the log was cut there.
            rest = mask.rest()
            if rest and self._on_log is not None and not result.logs_truncated:
                self._on_log(stream, rest)
        items = result.items
        if items is not None:
            # Value by value: the text of another value or a name may look like a secret's.
            items = orjson.dumps(self._masker.json(orjson.loads(items)))
        error = result.error
        if error is not None:
            # The guest cuts long messages, with which tracebacks end: perhaps within a secret.
            cut = len(error.message) >= _LONGEST_MESSAGE
            error = replace(
                error,
                message=self._text(error.message, cut=cut),
                type=self._text(error.type),
                traceback=self._text(error.traceback, cut=cut),
            )
        logs = self._logs(result)
        files = [
            replace(one, name=self._text(one.name), content=self._hide(one.content))
            for one in result.files
        ]
        return replace(result, items=items, error=error, logs=logs, files=files)

    def _logs(self, result: RunResult) -> list[dict[str, str]]:
        """Return the logs without secrets, nor the beginning of one at which they were cut."""
        logs = [{**one, "text": self._text(one["text"])} for one in result.logs]
        if not result.logs_truncated:
            return logs
        last = {one["stream"]: number for number, one in enumerate(logs)}
        for number in last.values():
            logs[number]["text"] = self._text(logs[number]["text"], cut=True)
        return logs

    def _text(self, text: str, *, cut: bool = False) -> str:
        return self._hide(text.encode("utf-8", "surrogatepass"), cut=cut).decode("utf-8", "replace")

    def _hide(self, data: bytes, *, cut: bool = False) -> bytes:
        """Blank data; what was cut may end with the beginning of a secret, which is left out."""
        stream = self._masker.stream()
        shown, rest = stream.hide(data), stream.rest()
        return shown if cut else shown + rest
