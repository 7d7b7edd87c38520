"""How many polls run at once in a process, so that no workspace and no kind takes all slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Candidate(Protocol):
    """A trigger that is due."""

    @property
    def id(self) -> str:
        """The trigger's."""
        ...

    @property
    def workspace_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def type(self) -> str:
        """Of which type it is."""
        ...


@dataclass(frozen=True)
class Limits:
    """The most polls at once: in all, of a workspace, of a type, and of clocks beside those.

    A clock is a type that waits for nobody: its polls take milliseconds, and never wait for
    slots that slow sources hold.
    """

    all: int = 50
    workspace: int = 10
    type: int = 25
    clocks: int = 20


@dataclass(frozen=True)
class FreeSlots:
    """For whom there is no slot: of these workspaces (but for clocks), and of these types.

    With ``is_full`` there is one for clocks only.
    """

    clocks: Sequence[str]
    full_workspaces: Sequence[str]
    full_types: Sequence[str]
    is_full: bool


class PollSlots:
    """Which of the due triggers may be polled now, beside those that are being polled."""

    def __init__(self, clocks: Iterable[str], limits: Limits | None = None) -> None:
        """``clocks`` are the types of trigger that wait for nobody."""
        self.clocks = sorted(clocks)
        self._limits = limits or Limits()
        self._all: Counter[str] = Counter()
        self._workspaces: Counter[str] = Counter()
        self._types: Counter[str] = Counter()

    def take(self, one: Candidate) -> bool:
        """Take a slot for it, if there is one."""
        if not self._fits(one):
            return False
        self._change(one, 1)
        return True

    def leave(self, one: Candidate) -> None:
        """Give its slot back."""
        self._change(one, -1)

    def free(self) -> FreeSlots:
        """For whom there may be one."""
        limits = self._limits
        full = [name for name, number in self._types.items() if number >= limits.type]
        if self._all["clocks"] >= limits.clocks:
            full += self.clocks
        return FreeSlots(
            clocks=self.clocks,
            full_workspaces=[
                name for name, number in self._workspaces.items() if number >= limits.workspace
            ],
            full_types=full,
            is_full=self._all["others"] >= limits.all,
        )

    def _fits(self, one: Candidate) -> bool:
        if one.type in self.clocks:
            return self._all["clocks"] < self._limits.clocks
        limits = self._limits
        return (
            self._all["others"] < limits.all
            and self._workspaces[one.workspace_id] < limits.workspace
            and self._types[one.type] < limits.type
        )

    def _change(self, one: Candidate, by: int) -> None:
        if one.type in self.clocks:
            self._all["clocks"] += by
            return
        self._all["others"] += by
        for counter, name in ((self._workspaces, one.workspace_id), (self._types, one.type)):
            counter[name] += by
            if not counter[name]:
                del counter[name]
