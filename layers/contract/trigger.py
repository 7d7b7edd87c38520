"""A trigger type: what starts executions."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Protocol, TypeAlias

from layers.contract.context import FileStore, HttpClient
from layers.contract.credential import Slot, check_slots, slots_of
from layers.contract.hints import check_hints
from layers.contract.item import Item, Json
from layers.contract.node import P
from layers.contract.options import ListOptions
from layers.contract.runner import ParameterReader
from layers.contract.spec import Sample, Source, StartedBy, TriggerSpec, Upgrade, check_upgrades


class SourceContext(Protocol):
    """What every function of a trigger is handed."""

    workspace_id: str
    workflow_id: str
    node_id: str
    timezone: str
    """The workflow's IANA time zone."""

    @property
    def http(self) -> HttpClient:
        """Sends requests to other systems."""
        ...

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the credential in a slot, as ``Context.credential`` does."""
        ...

    def log(self, text: str) -> None:
        """Add a line to what the triggers page shows of the last check; the newest 100 stay."""
        ...


class TriggerContext(SourceContext, Protocol):
    """What ``poll`` is handed."""

    now: float
    """The moment of this poll, in seconds since the epoch."""
    acquired: Json
    """What ``acquire`` gave; None for a trigger without it."""

    @property
    def files(self) -> FileStore:
        """Keeps files, to be put on the items of events."""
        ...


class ListenContext(SourceContext, Protocol):
    """What ``listen`` is handed."""

    acquired: Json
    """What ``acquire`` gave; None for a trigger without it."""

    def nudge(self) -> None:
        """Have the trigger polled now, or as soon as its shortest pause is over.

        It may be called from any thread, and as often as one likes: what comes together is one.
        """
        ...


class AcquireContext(SourceContext, Protocol):
    """What ``acquire`` and ``release`` are handed."""

    key: str
    """Names what is acquired: the same at every attempt, and at its release."""
    hook_url: str | None
    """The address of a trigger that is a webhook."""


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``key`` names it once and for all within its trigger."""

    key: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Poll:
    """What a poll found. Events, cursor and next time are stored in one transaction.

    With ``more`` there is another page: it is polled again at once, with the new cursor, as part
    of the same look. A page that moves no cursor is the last one.
    """

    events: Sequence[Event] = ()
    cursor: Json = None
    next_at: float | None = None
    """When to poll again, in seconds since the epoch; None: never, but for a nudge."""
    more: bool = False


PollFunction: TypeAlias = Callable[[P, Json, TriggerContext], Poll | Awaitable[Poll]]
ListenFunction: TypeAlias = Callable[[P, ListenContext], Awaitable[None]]
AcquireFunction: TypeAlias = Callable[[P, AcquireContext], Awaitable[Json]]
ReleaseFunction: TypeAlias = Callable[[P, Json, AcquireContext], Awaitable[None]]


class TriggerRunner(ParameterReader, Protocol):
    """Does a trigger's work. ``Trigger`` is the one in this process; see it for what these are."""

    @property
    def poll(self) -> PollFunction[Any] | None:
        """Looks for what has happened; None for a trigger that is not polled."""
        ...

    @property
    def listen(self) -> ListenFunction[Any] | None:
        """Stays connected and nudges."""
        ...

    @property
    def acquire(self) -> AcquireFunction[Any] | None:
        """Makes at the provider what the trigger needs."""
        ...

    @property
    def release(self) -> ReleaseFunction[Any] | None:
        """Takes it back."""
        ...

    @property
    def instants(self) -> Callable[[Any, str, float], Iterator[float]] | None:
        """The moments of one that goes by the clock."""
        ...

    @property
    def interval_s(self) -> Callable[[Any], float] | None:
        """The pause between two polls that the parameters ask for."""
        ...

    @property
    def min_interval_s(self) -> float:
        """The shortest pause between two polls."""
        ...

    @property
    def jitter_s(self) -> float:
        """By up to so much a poll may be later."""
        ...

    @property
    def options(self) -> Mapping[str, ListOptions]:
        """What can be chosen for parameters, by the names in its spec."""
        ...


@dataclass(frozen=True, kw_only=True)
class Trigger(Generic[P]):
    """A trigger type. ``poll(params, cursor, ctx)`` keeps nothing: cursor in, cursor out.

    ``cursor`` is None at the first poll after activation, which takes a position and, unless
    the author asks otherwise, starts nothing. A plain ``poll`` runs on the event loop: one that
    waits for anybody is a coroutine.

    ``listen(params, ctx)`` stays connected and calls ``ctx.nudge()`` when a poll would find
    something, also when it has just connected. It carries no truth: it may miss and repeat. Where
    it returns or raises it is started again; it runs once, however many schedulers there are.

    ``acquire(params, ctx)`` makes at the provider what the trigger needs, such as a subscription,
    and gives what is to be kept of it; ``release(params, acquired, ctx)`` takes it back. Both may
    be called again with the same ``ctx.key``, after a crash without the first one's answer:
    ``acquired`` is None then. Neither poll nor listener begins before it is acquired.
    """

    type: str
    title: str
    category: str
    summary: str
    params: builtins.type[P]
    sample: Sample
    source: Source
    started_by: StartedBy = StartedBy.EVENT
    poll: PollFunction[P] | None = None
    listen: ListenFunction[P] | None = None
    acquire: AcquireFunction[P] | None = None
    release: ReleaseFunction[P] | None = None
    instants: Callable[[P, str, float], Iterator[float]] | None = None
    """Of one that goes by the clock: ``(params, zone, after)`` gives the moments past ``after``.

    ``zone`` is the workflow's. Forms show them, and plans are held against them.
    """
    interval_s: Callable[[P], float] | None = None
    """The pause between two polls that the parameters ask for, which a plan is held against."""
    min_interval_s: float = 0.0
    """No pause between two polls is shorter, whatever is asked for and however often it nudges."""
    jitter_s: float = 0.0
    """By up to so much a poll may be later, at random, so that not all come at once."""
    version: int = 1
    credential_types: tuple[str, ...] = ()
    """The types that fit, of a trigger with one credential and no more to say of it."""
    credentials: tuple[Slot, ...] = ()
    """The places for credentials, of a trigger that has several or takes in kinds of types."""
    icon: str = ""
    """A name of the app's table of icons, of lucide's."""
    docs: str = ""
    """More documentation, in Markdown."""
    hosts: tuple[str, ...] = ()
    """Where it sends requests to, whatever its parameters."""
    options: Mapping[str, ListOptions] = field(default_factory=dict)
    """What can be chosen for parameters, by the name that they give as ``options``."""
    outputs: tuple[str, ...] = field(default=("main",))
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    """By version: a function that makes the next one's parameters of this one's."""

    def __post_init__(self) -> None:
        """Raises ValueError where what is declared cannot go together."""
        check_upgrades(self.type, self.version, self.upgrades)
        check_hints(self.type, self.params, self.options)
        check_slots(self.type, self.slots)
        if (self.poll is not None) != (self.source is Source.POLL):
            raise ValueError(f"{self.type}: those with the source 'poll' have a poll, no others.")
        if self.listen is not None and self.poll is None:
            raise ValueError(f"{self.type}: a listener only nudges, so it needs a poll beside it.")
        if (self.acquire is None) != (self.release is None):
            raise ValueError(f"{self.type}: what is acquired is released; declare both or neither.")

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for credentials, however they are declared."""
        return self.credentials or slots_of(self.credential_types)

    @cached_property
    def spec(self) -> TriggerSpec:
        """All that others than its runner know of it."""
        return TriggerSpec(
            type=self.type,
            version=self.version,
            title=self.title,
            category=self.category,
            summary=self.summary,
            docs=self.docs,
            icon=self.icon,
            params_schema=self.params.model_json_schema(),
            sample=self.sample,
            source=self.source,
            started_by=self.started_by,
            keeps_time=self.instants is not None,
            outputs=self.outputs,
            slots=self.slots,
            hosts=self.hosts,
            options=tuple(self.options),
        )

    def read(self, params: Mapping[str, Json], context: Mapping[str, object]) -> P:
        """Check parameters and compile what is in them; raises pydantic's ValidationError."""
        return self.params.model_validate(params, context=dict(context))
