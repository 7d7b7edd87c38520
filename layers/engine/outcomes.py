"""What those get who wait for an execution: a webhook's answer, or its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from layers.contract import FileRef, Item, Json
from layers.engine.statuses import ExecutionStatus


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook's caller gets; bytes and files are sent as they are, others as JSON."""

    status: int
    headers: Mapping[str, str | Sequence[str]]
    body: Json | bytes | FileRef


@dataclass(frozen=True, slots=True)
class End:
    """How an execution ended. ``error`` holds ``message``, ``kind``, ``node_id``, ``detail``."""

    status: ExecutionStatus
    items: list[Item]
    error: dict[str, Json] | None = None
    leaves: dict[str, list[Item]] = field(default_factory=dict)
    """Of one that ran here: the items of every node that nothing was behind."""
