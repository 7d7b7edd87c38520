"""What part of the processors a sandbox may use: runs that take long leave it to others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox_runner.control_group import Group

USUAL_WEIGHT, _LONG_WEIGHT = 1.0, 0.25
# With any weight at all a process holds the processor for a while before others get it, and a
# step changes processes dozens of times. So while somebody has short runs, all else gets only what
# everybody leaves, and nobody waits for it.
_LAST = 0.0
# What part of the processors all long runs together keep while others have short ones.
_COURTEOUS, _LEAST_CPUS = 0.1, 0.02
# What part of them a start may have that somebody waits for.
_URGENT = 0.5


class ProcessorShare:
    """The weight and the bound of one sandbox, through its start, its runs and its end.

    ``cpus`` is what it may use at most, ``group`` gives its control group as it is then.
    """

    def __init__(self, cpus: float, group: Callable[[], Group]) -> None:
        self._most = cpus
        self._group = group
        self._weight = USUAL_WEIGHT
        self._cpus = 0.0
        self.heavy = False
        """Whether its workspace has used much lately: its runs count as long from the start."""
        self.is_long = False
        """Whether its run has taken long, or is of a workspace whose runs have."""
        self._is_over = False
        self._courteous = 1.0
        self._courteous_until = 0.0
        self._lift: asyncio.TimerHandle | None = None

    def begin(self, *, urgent: bool) -> float:
        """Start behind everybody else's runs; return the processors that it may use meanwhile."""
        self._cpus = self._most * (_URGENT if urgent else _COURTEOUS)
        return self._cpus

    def come_last(self) -> None:
        """Use what everybody else leaves."""
        self._weigh(_LAST)

    def hurry(self) -> None:
        """Start as fast as can be without keeping somebody's run from the processors."""
        self._weigh(_LONG_WEIGHT)
        self._allow(self._most * _URGENT)

    def rest(self, *, imports: bool) -> None:
        """Wait for the next run; one that ``imports`` for it does so as one that takes long."""
        if imports:
            self._weigh(_LONG_WEIGHT)

    def reset(self) -> float:
        """Be bound anew by all limits at once; return the processors among them."""
        self._cpus = self._most
        return self._cpus

    def begin_run(self) -> None:
        """Go first as short runs do, or give way from the start."""
        self.is_long = self.heavy
        if self.heavy:
            self._give_way()
        else:
            self.use_all()

    def become_long(self) -> None:
        """Get out of the way of others that have just begun."""
        self.is_long = True
        self._give_way()

    def give_way(self, seconds: float, among: int) -> None:
        """Let others go first for a while, once this run has taken long.

        ``among`` so many long runs is shared what is left to them.
        """
        self._courteous = _COURTEOUS / max(1, among)
        until = asyncio.get_running_loop().time() + seconds
        self._courteous_until = max(self._courteous_until, until)
        self._give_way()

    def end_run(self) -> None:
        """Leave others their part while what a long run has left is being removed, too."""
        if self.is_long and self._lift is not None:
            self._allow(self._most * _COURTEOUS)
        self.is_long = False

    def end(self) -> None:
        """Give way no more: its processes are being killed."""
        self._is_over = True

    def use_all(self) -> None:
        """Use the processors as anybody does who has a short run."""
        self._weigh(USUAL_WEIGHT)
        self._allow(self._most)

    def _give_way(self) -> None:
        loop = asyncio.get_running_loop()
        if not self.is_long or self._is_over:
            return
        if loop.time() >= self._courteous_until:
            self._weigh(_LONG_WEIGHT)
            return
        self._weigh(_LAST)
        self._allow(max(_LEAST_CPUS, self._most * self._courteous))
        if self._lift is None:
            self._lift = loop.call_at(self._courteous_until, self._go_on)

    def _go_on(self) -> None:
        """Use the processors as before, unless others want to be let go first still."""
        loop = asyncio.get_running_loop()
        self._lift = None
        if loop.time() < self._courteous_until:
            self._lift = loop.call_at(self._courteous_until, self._go_on)
        else:
            self._allow(self._most)
            if self._weight == _LAST:
                self._weigh(_LONG_WEIGHT)

    def _allow(self, cpus: float) -> None:
        if cpus != self._cpus:
            self._group().allow_cpus(cpus)
            self._cpus = cpus

    def _weigh(self, weight: float) -> None:
        if weight != self._weight:
            self._group().weigh(weight)
            self._weight = weight
