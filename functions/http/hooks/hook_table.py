"""Which webhook listens at an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from functions.http.hooks.hook_answer import Hook
from functions.parts import Parts
from layers.database.repositories.hooks import HookRow, listening_hooks
from layers.engine.hook_paths import ANY, METHODS, match, parts_of, route_of
from layers.errors import NotFound, TreadleError
from layers.work import DATABASE

MOST_KNOWN = 10_000
FRESH_S = 1.0
"""So long it may take until a webhook that fits better gets an address's events, or until one that
was changed refuses or takes what it did not before."""


class NothingListens(NotFound):
    """No active workflow listens at this path; activate it, or check the address."""


class OtherMethod(TreadleError):
    """A workflow listens here, but not for this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, possible: Sequence[str]) -> None:
        self.allow = ", ".join(possible)
        super().__init__(f"No workflow listens here for {method}; {self.allow} is possible.")


@dataclass(frozen=True, slots=True)
class Address:
    """A path below ``/hooks/`` as it was sent: its parts, percent-encoding undone."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, sent: str | bytes) -> Address:
        """Read a path; slashes around it do not count."""
        return cls(tuple(parts_of(sent)))

    @property
    def path(self) -> str:
        """As it is shown."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Found:
    """A webhook that an address is meant for, and the parameters of its path."""

    hook: Hook
    params: Mapping[str, str]
    at: float
    """When it was looked up."""
    is_surest: bool
    """Whether no other webhook could fit better."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A trigger that listens at an address."""

    row: HookRow
    method: str
    params: Mapping[str, str] = field(default_factory=dict)
    has_parameters: bool = False


class HookTable:
    """Knows the webhooks that were asked for lately, and looks the others up."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], Found] = {}

    async def find(self, parts: Parts, method: str, address: Address) -> Found | None:
        """The webhook that a request is meant for; None where none listens for the method."""
        key = (method, address.parts)
        known = self._known.get(key)
        if known is not None and (known.is_surest or is_fresh(parts, known)):
            return known
        listening = await self.at(parts, address)
        best = chosen(listening, method)
        if best is None:
            return None
        is_surest = best.method == method and not best.has_parameters
        at = parts.clock.now()
        found = Found(await load(parts, best), best.params, at, is_surest)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = found
        return found

    async def at(self, parts: Parts, address: Address) -> list[Listening]:
        """All that listen at an address, for whatever method."""
        return await DATABASE.run(_look_up, parts, address)

    def forget(self, method: str, address: Address) -> None:
        """Look it up anew the next time."""
        self._known.pop((method, address.parts), None)


def is_fresh(parts: Parts, found: Found) -> bool:
    """Whether it was looked up just now."""
    return abs(parts.clock.now() - found.at) < FRESH_S


def chosen(listening: Sequence[Listening], method: str) -> Listening | None:
    """Who gets a request: a fixed path goes before parameters, a method before any."""
    for_it = [one for one in listening if one.method in (method, ANY)]
    return min(for_it, key=lambda one: (one.has_parameters, one.method == ANY), default=None)


def methods_of(listening: Sequence[Listening]) -> list[str]:
    """The methods that are listened for, and those that only ask."""
    named = {one.method for one in listening}
    if ANY in named:
        named = named - {ANY} | set(METHODS)
    return sorted(named | {"HEAD", "OPTIONS"})


async def load(parts: Parts, listening: Listening) -> Hook:
    """The webhook of a trigger that listens."""
    row = listening.row
    plan = await parts.engine.plan(row.version_id)
    node = plan.node(row.node_id)
    return Hook(
        row.id,
        row.workspace_id,
        row.workflow_id,
        row.version_id,
        row.node_id,
        node.params,
        node.credentials.of(),
        plan,
    )


def _look_up(parts: Parts, address: Address) -> list[Listening]:
    # An encoded slash is a letter of its part, and fixed paths have no such letter.
    path = "/".join(part.replace("/", "%2F") for part in address.parts)
    routes = [route_of(method, path) for method in (*METHODS, ANY)]
    route_group = f"{len(address.parts)} {address.parts[0]}"
    with parts.database.asking() as connection:
        rows = listening_hooks(connection, routes, route_group)
    found = []
    for row in rows:
        method, _space, path = row.route.partition(" ")
        params = match(path, address.parts)
        if params is not None:
            found.append(Listening(row, method, params, bool(params)))
    return found
