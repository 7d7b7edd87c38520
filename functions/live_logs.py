"""What a follower of an execution has not been told yet of what its steps print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layers import jsontext
from layers.engine.recorded import StepState


class LiveLogs:
    """Remembers, for one follower, how much of each attempt's logs it was told."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], int] = {}
        self._read: dict[tuple[str, int], str] = {}

    def skip(self, key: str, attempt: int, characters: int) -> None:
        """Leave out what was told before the connection was cut; ``key``: see ``step_key``."""
        self._told[key, attempt] = characters

    def new_in(self, step: StepState) -> Iterator[dict[str, Any]]:
        """The pieces of a step's logs that are new: ``{node_id, run_index, stream, text}``."""
        key = step_key(step), step.attempt
        if step.logs is None or self._read.get(key) == step.logs:
            return
        self._read[key] = step.logs
        # What is on record only grows, but its pieces may be cut otherwise at the end.
        skipped = self._told.get(key, 0)
        for piece in jsontext.loads(step.logs):
            text = piece["text"][skipped:]
            skipped = max(skipped - len(piece["text"]), 0)
            if text:
                self._told[key] = self._told.get(key, 0) + len(text)
                yield {
                    "node_id": step.node_id,
                    "run_index": step.run_index,
                    "stream": piece["stream"],
                    "text": text,
                }


def step_key(step: StepState) -> str:
    """Which step of its execution it is."""
    return f"{step.node_id}/{step.run_index}"
