"""Which tests run when: the one place that says so.

==============  ====================================================================================
``make test``      every feature, each at least once, on both databases, in a browser, with faults
                   and attacks: all but what is marked ``slow``
``make test-all``  everything
``.ci/run``        ``make test``, and of what is marked ``slow`` one part of ``TURNS``; which one
                   turns with the commits
==============  ====================================================================================

What is marked ``alone`` runs at the end, one after the other and beside nothing else: it measures
how processors are shared, or kills whatever runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from zlib import crc32

SLOW = "slow"
ALONE = "alone"
TURNS = 2
"""How many parts the slow tests have: so many commits in a row run all of them."""


class Tier(StrEnum):
    """How much is run."""

    TEST = "test"
    """What a person runs."""
    ALL = "all"
    """Everything."""
    REST = "rest"
    """What ``all`` has beyond ``test``."""


class Group(StrEnum):
    """What is run beside what."""

    TOGETHER = "together"
    """What bears company, in several processes."""
    ALONE = "alone"
    """What does not."""


@dataclass(frozen=True)
class Turn:
    """One of several parts of the slow tests, each of which is in just one of them."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``K/N``, with K from 0 to N-1; raises ValueError."""
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        if not found or int(found[1]) >= int(found[2]):
            raise ValueError(f"{text!r} is no turn: say 0/{TURNS} to {TURNS - 1}/{TURNS}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, name: str) -> bool:
        """Whether the test of this name is in it; that stays so when others come and go."""
        return crc32(name.encode()) % self.of == self.number


@dataclass(frozen=True)
class Selection:
    """What one run of pytest takes of all that it has collected."""

    tier: Tier = Tier.ALL
    group: Group | None = None
    turn: Turn | None = None

    def takes(self, name: str, marks: Collection[str]) -> bool:
        """Whether it takes the test of this name, with these marks."""
        if self.group is not None and (ALONE in marks) != (self.group is Group.ALONE):
            return False
        match self.tier:
            case Tier.ALL:
                return True
            case Tier.TEST:
                return SLOW not in marks
            case Tier.REST:
                return SLOW in marks and (self.turn is None or self.turn.has(name))
