"""Puts the newest code in the place of what runs, part by part, and loses nothing over it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from local_emulator.child import Child, State
from local_emulator.log_relay import LogRelay
from local_emulator.part import Kind, Part

STOP_WITHIN_S = 10.0
LEAVE_WITHIN_S = 90.0
"""How long a process that was replaced may go on with what it was asked before."""


class Succession:
    """Starts parts again that somebody asks for, in the order in which they need each other.

    Where two may run side by side, the new process starts beside the old one and takes its place
    once it is ready; if it ends before that, the old one goes on. Other parts are stopped first,
    unless their rehearsal fails. ``children`` is the supervisor's own table: a successor is put
    into it. ``make`` makes a child for a part.
    """

    def __init__(self, children: dict[str, Child], make: Callable[[Part, LogRelay], Child]) -> None:
        self._children = children
        self._make = make
        self._wanted: list[str] = []
        self._coming: dict[str, Child] = {}
        self._leaving: dict[Child, float] = {}
        self._stopped: dict[str, float] = {}
        self._generation = 1
        self._held = False

    @property
    def beside(self) -> Iterator[Child]:
        """The processes beside those of the table: not there yet, or on their way out."""
        yield from self._coming.values()
        yield from self._leaving

    def ask(self, names: Sequence[str]) -> None:
        """Have these parts run the newest code; what was not begun yet, or failed, still counts."""
        for name in names:
            if name in self._coming:
                self._drop(self._coming.pop(name))
        wanted = {*self._wanted, *names}
        self._wanted = [name for name in self._children if name in wanted]
        self._held = False
        if names:
            self._generation += 1

    def turn(self, now: float) -> None:
        """Begin, finish and end what can be."""
        for name in list(self._coming):
            if self._coming[name].ready:
                self._put_in_place(name, now)
        for name in list(self._wanted):
            if not self._held and self._is_next(name):
                self._wanted.remove(name)
                self._begin(name, now)
        for child, deadline in self._leaving.items():
            self._leaving[child] = _kill_when_due(child, deadline, now)
        for name, deadline in self._stopped.items():
            self._stopped[name] = _kill_when_due(self._children[name], deadline, now)

    def next_moment(self) -> float | None:
        """When something is due by itself, on the clock of ``turn``."""
        return min([*self._leaving.values(), *self._stopped.values()], default=None)

    def notice_ends(self, now: float) -> bool:
        """Look whether processes beside the table have ended."""
        before = len(self._leaving) + len(self._coming)
        for child in list(self._leaving):
            if child.ended(now) is not None:
                del self._leaving[child]
        for name, child in list(self._coming.items()):
            code = child.ended(now)
            if code is not None:
                del self._coming[name]
                if child.part.kind is Kind.TASK and code == 0:
                    self._end_old(name, now)
                else:
                    self._hold(name, child, code)
        return len(self._leaving) + len(self._coming) < before

    def was_asked_to_end(self, name: str) -> bool:
        """Whether this part of the table ended because it was asked for; counted once."""
        return self._stopped.pop(name, None) is not None

    def stop(self) -> None:
        """Begin nothing more, and let go of what has not begun its work."""
        self._wanted.clear()
        self._stopped.clear()
        for child in self._coming.values():
            self._drop(child)
        self._coming.clear()

    def _is_next(self, name: str) -> bool:
        part = self._children[name].part
        before = {*self._wanted, *self._coming}
        if part.stops_last:
            # The others need it while they change places.
            return not any(not self._children[other].part.stops_last for other in before)
        return before.isdisjoint(part.after)

    def _begin(self, name: str, now: float) -> None:
        child = self._children[name]
        if child.state is State.WAITING:
            # It could not run before: perhaps it can now.
            child.failures = min(child.failures, 1)
            child.start_at = min(child.start_at, now)
        elif child.part.twice and child.ready:
            # In a slot of its own: the old one's work must not be taken for a dead predecessor's.
            slot = {"TREADLE_PROCESS_NAME": f"{name}.{self._generation}"}
            self._come(
                name, now, replace(child.part, environment={**child.part.environment, **slot})
            )
        elif child.part.rehearsal:
            self._come(name, now, _rehearsal(child.part))
        else:
            self._end_old(name, now)

    def _come(self, name: str, now: float, part: Part) -> None:
        self._coming[name] = self._make(part, self._children[name].relay.another())
        self._coming[name].start(now)

    def _end_old(self, name: str, now: float) -> None:
        child = self._children[name]
        if child.state is State.RUNNING:
            child.relay.say("is stopped, to start again with the new code")
            child.signal(signal.SIGTERM)
            self._stopped[name] = now + STOP_WITHIN_S

    def _put_in_place(self, name: str, now: float) -> None:
        old, new = self._children[name], self._coming.pop(name)
        self._children[name] = new
        old.signal(old.part.leaves_on)
        if old.pid is not None:
            self._leaving[old] = now + LEAVE_WITHIN_S
        new.relay.say("runs the new code")

    def _hold(self, name: str, child: Child, code: int) -> None:
        """Go on with the old code until another change, in all parts that were to follow."""
        child.relay.say(f"does not start with the new code (exit code {code}); the old one goes on")
        self._held = True
        wanted = {*self._wanted, name}
        self._wanted = [other for other in self._children if other in wanted]

    def _drop(self, child: Child) -> None:
        child.signal(signal.SIGKILL)
        self._leaving[child] = time.monotonic() + STOP_WITHIN_S


def _rehearsal(part: Part) -> Part:
    return Part(
        name=part.name, command=part.rehearsal, kind=Kind.TASK, environment=part.environment
    )


def _kill_when_due(child: Child, deadline: float, now: float) -> float:
    """End a process that took too long; the next deadline, in case that this takes long, too."""
    if deadline > now:
        return deadline
    child.signal(signal.SIGKILL)
    return now + STOP_WITHIN_S
