"""A trigger type: what starts executions."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias

from layers.contract.context import HttpClient
from layers.contract.credential import Slot, slots_of
from layers.contract.item import Item, Json
from layers.contract.node import P, Sample
from layers.contract.options import ListOptions


class Source(StrEnum):
    """How a trigger's events come in."""

    WEBHOOK = "webhook"
    """A request to ``/hooks/{path}``."""
    POLL = "poll"
    """The scheduler calls ``poll`` when it is due."""
    CALL = "call"
    """A person, another workflow or the engine starts it."""


class TriggerContext(Protocol):
    """What ``poll`` is handed."""

    workspace_id: str
    workflow_id: str
    node_id: str
    now: float
    """The moment of this poll, in seconds since the epoch."""
    timezone: str
    """The workflow's IANA time zone."""
    http: HttpClient

    async def credential(self, types: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Return the secret fields of the node's credential, or None if it has none."""
        ...


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``key`` names it once and for all within its trigger."""

    key: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Poll:
    """What a poll found. Events, cursor and next time are stored in one transaction."""

    events: Sequence[Event] = ()
    cursor: Json = None
    next_at: float | None = None
    """When to poll again, in seconds since the epoch; None: never."""


PollFunction: TypeAlias = Callable[[P, Json, TriggerContext], Poll | Awaitable[Poll]]


@dataclass(frozen=True, kw_only=True)
class Trigger(Generic[P]):
    """A trigger type. ``poll(params, cursor, ctx)`` keeps nothing: cursor in, cursor out.

    ``cursor`` is None at the first poll after activation, which takes a position and, unless
    the author asks otherwise, starts nothing.
    """

    type: str
    title: str
    category: str
    summary: str
    params: builtins.type[P]
    sample: Sample
    source: Source
    poll: PollFunction[P] | None = None
    version: int = 1
    credential_types: tuple[str, ...] = ()
    """The types that fit, of a trigger with one credential and no more to say of it."""
    credentials: tuple[Slot, ...] = ()
    """The places for credentials, of a trigger that has several or takes in kinds of types."""
    icon: str = ""
    options: Mapping[str, ListOptions] = field(default_factory=dict)
    """What can be chosen for parameters, by the name that they give as ``options``."""
    outputs: tuple[str, ...] = field(default=("main",))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for credentials, however they are declared."""
        return self.credentials or slots_of(self.credential_types)
