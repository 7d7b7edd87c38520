"""What a transaction changes: whoever follows it is told when it commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

_KEY = "changes"


class Kind(StrEnum):
    """What a workspace has lists of."""

    EXECUTIONS = "executions"
    TRIGGERS = "triggers"
    BILLING = "billing"
    """Its alerts, and its subscription."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of a workspace."""

    kind: Kind
    workspace_id: str

    @property
    def name(self) -> str:
        """Under which its changes are told."""
        return f"{self.kind}/{self.workspace_id}"


class Changes:
    """What one transaction changes, each once.

    ``names`` are of what somebody follows for certain: ids of executions, users, sessions, keys.
    """

    __slots__ = ("lists", "names")

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.lists: dict[ListOf, None] = {}


class Announcer(Protocol):
    """Who is told of changes."""

    def announce(self, connection: Connection, changes: Changes) -> Callable[[], None]:
        """The transaction has changed this, and commits next; the answer is called when it has."""
        ...


def note_changes(connection: Connection, names: Iterable[str]) -> None:
    """Note that the transaction changes what somebody follows, such as executions by their ids."""
    _changes(connection).names.update(dict.fromkeys(names))


def note_lists(connection: Connection, kind: Kind, workspace_ids: Iterable[str]) -> None:
    """Note that the transaction changes what lists of these workspaces show."""
    lists = _changes(connection).lists
    for workspace_id in workspace_ids:
        lists[ListOf(kind, workspace_id)] = None


def take_changes(connection: Connection) -> Changes | None:
    """What was noted since the last call, if anything: of a transaction, or of one that failed."""
    found: Changes | None = connection.info.pop(_KEY, None)
    return found


def _changes(connection: Connection) -> Changes:
    found: Changes | None = connection.info.get(_KEY)
    if found is None:
        found = connection.info[_KEY] = Changes()
    return found
