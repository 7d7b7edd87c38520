"""Lists that a form asks for while it is filled in: what can be chosen for a parameter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeAlias

from layers.contract.context import HttpClient, HttpResponse
from layers.contract.item import Json
from layers.node_error import NodeError

PAGE = 50


@dataclass(frozen=True)
class Option:
    """One that can be chosen: ``value`` goes into the parameter, the rest is shown."""

    label: str
    value: Json
    detail: str = ""


@dataclass(frozen=True)
class OptionPage:
    """A part of a list; ``next_cursor`` gets the next one, None at the end."""

    items: Sequence[Option]
    next_cursor: str | None = None


@dataclass(frozen=True)
class OptionQuery:
    """What is asked: ``query`` is what somebody has typed, ``cursor`` that of the page before.

    ``params`` is the form as it is, which may be incomplete and hold expressions.
    """

    params: Mapping[str, Json] = field(default_factory=dict)
    query: str = ""
    cursor: str | None = None

    def text(self, name: str, default: str | None = None) -> str:
        """The text in a parameter that the list depends on; raises NodeError that names it.

        Without a ``default`` there must be one; an expression has no value while a form is filled.
        """
        value = self.params.get(name, default)
        if isinstance(value, str) and "{{" in value:
            refuse_option(name, "Its value is an expression, which is known only when it runs.")
        if not isinstance(value, str) or (not value and default is None):
            refuse_option(name, "Fill this in first: the list depends on it.")
        return value


def refuse_option(name: str, message: str) -> NoReturn:
    """Raise the NodeError of a list that there cannot be because of the parameter ``name``."""
    raise NodeError(message, kind="options", detail={"parameter": name})


def page_of(options: Iterable[Option], asked: OptionQuery) -> OptionPage:
    """The part that is asked for of a list that is known whole."""
    sought = asked.query.strip().casefold()
    found = [one for one in options if sought in f"{one.label} {one.detail}".casefold()]
    cursor = asked.cursor or "0"
    start = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0
    end = start + PAGE
    return OptionPage(found[start:end], str(end) if end < len(found) else None)


class OptionContext(Protocol):
    """What a function that lists options is handed."""

    workspace_id: str
    now: float
    http: HttpClient

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the credential that is chosen in the form, as ``Context.credential`` does."""
        ...

    async def workflows(self, asked: OptionQuery) -> OptionPage:
        """The workspace's workflows, newest first, whose names fit."""
        ...

    async def ask_own_model_service(self, path: str) -> HttpResponse:
        """GET from the instance's own service of language models; raises NodeError without one."""
        ...


ListOptions: TypeAlias = Callable[[OptionQuery, OptionContext], Awaitable[OptionPage]]
