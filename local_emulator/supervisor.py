"""Keeps a table of parts running: starts them in order, restarts what dies, stops them all."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from typing import IO

from layers.settings.environment import colours_wanted
from local_emulator.child import Child, State
from local_emulator.kinship import adopt_orphans, end_orphans
from local_emulator.log_relay import LogRelay
from local_emulator.part import SET_UP_WRONG, Kind, Part
from local_emulator.reload.fork_server import ForkServer
from local_emulator.succession import STOP_WITHIN_S, Succession

PROBE_EVERY_S = 0.05
GIVE_UP_AFTER = 5
"""How often in a row a required part may die before everything was ready once."""


class Supervisor:
    """Runs a table of parts until it is told to stop.

    It has one thread and sleeps until something happens: a signal, a line in a log, an answer
    to a probe, or a moment that it waits for. ``on_ready`` is called once, when every service
    is ready for the first time. ``order`` is given what a part tells on its pipe, and answers
    with the names of the parts that are to run new code; ``fork_server`` starts these, once it is
    ready.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        log: IO[str],
        *,
        on_ready: Callable[[], None] | None = None,
        order: Callable[[str], Sequence[str]] = lambda _line: (),
        fork_server: ForkServer | None = None,
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._order = order
        self._fork_server = fork_server
        self._children = {
            part.name: self._make(part, relay)
            for part, relay in zip(parts, _relays(parts, log), strict=True)
        }
        self._succession = Succession(self._children, self._make_successor)
        self._on_ready = on_ready
        self._was_ready = False
        self._next_probe = 0.0
        self._stopping = False
        self._hurry = False
        self._exit_code = 0

    def run(self) -> int:
        """Run to the end; the exit code is 0 if it was told to stop, 1 if a part cannot start."""
        adopt_orphans()
        self._listen_to_signals()
        while not self._stopping:
            self._turn()
        self._succession.stop()
        self._stop_all(last=False)
        self._stop_all(last=True)
        end_orphans(keep=set())
        return self._exit_code

    def stop(self) -> None:
        """Ask for the end, as SIGTERM does; a second time, for the end at once."""
        self._hurry = self._stopping
        self._stopping = True

    def _make(self, part: Part, relay: LogRelay) -> Child:
        return Child(part, relay, self._selector, self._told)

    def _make_successor(self, part: Part, relay: LogRelay) -> Child:
        fork_server = self._fork_server
        if (
            fork_server is None
            or not self._children[fork_server.part.name].ready
            or not fork_server.can_be(part)
        ):
            return self._make(part, relay)
        return Child(part, relay, self._selector, self._told, fork_server.launch)

    def _told(self, line: str) -> None:
        if not self._stopping:
            self._succession.ask(self._order(line))

    def _listen_to_signals(self) -> None:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(reader, selectors.EVENT_READ, lambda: os.read(reader, 4096))

    def _turn(self) -> None:
        now = time.monotonic()
        self._probe_what_must(now)
        self._succession.turn(now)
        self._start_what_can(now)
        self._announce()
        self._sleep(self._next_moment(now))
        self._notice_ends()

    def _start_what_can(self, now: float) -> None:
        for child in self._children.values():
            waits = child.state is State.WAITING and child.start_at <= now
            # Only the first start waits for others: whoever fails later must not stop the rest.
            first = child.failures == 0
            if waits and (not first or self._all_done(child.part.after)):
                child.start(now)

    def _all_done(self, names: Sequence[str]) -> bool:
        return all(self._is_done(self._children[name]) for name in names)

    def _is_done(self, child: Child) -> bool:
        return child.ready or (not child.part.required and child.failures > 1)

    def _probe_what_must(self, now: float) -> None:
        if now >= self._next_probe:
            self._next_probe = now + PROBE_EVERY_S
            for child in self._unready():
                child.probe(now)

    def _unready(self) -> list[Child]:
        return [
            child
            for child in self._children.values()
            if child.state is State.RUNNING and child.part.ready_url and not child.ready
        ]

    def _announce(self) -> None:
        services = (c for c in self._children.values() if c.part.kind is Kind.SERVICE)
        if not self._was_ready and all(self._is_done(child) for child in services):
            self._was_ready = True
            if self._on_ready is not None:
                self._on_ready()

    def _next_moment(self, now: float) -> float | None:
        """In how many seconds something happens by itself; None: never."""
        moments = [
            child.start_at
            for child in self._children.values()
            if child.state is State.WAITING and child.start_at > now
        ]
        if self._unready():
            moments.append(self._next_probe)
        if (due := self._succession.next_moment()) is not None:
            moments.append(due)
        return max(0.0, min(moments) - now) if moments else None

    def _sleep(self, seconds: float | None) -> None:
        for key, _ in self._selector.select(seconds):
            key.data()

    def _notice_ends(self) -> None:
        now = time.monotonic()
        if self._succession.notice_ends(now):
            end_orphans(keep=self._pids())
        for name, child in self._children.items():
            code = child.ended(now)
            if code is None:
                continue
            end_orphans(keep=self._pids())
            if self._succession.was_asked_to_end(name):
                child.start_anew(now)
            elif not self._stopping:
                self._go_on_without(child, code, now)

    def _pids(self) -> set[int]:
        all_of_them = [*self._children.values(), *self._succession.beside]
        return {child.pid for child in all_of_them if child.pid is not None}

    def _go_on_without(self, child: Child, code: int, now: float) -> None:
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        if child.part.kind is Kind.TASK:
            if code != 0:
                child.relay.say(f"failed ({how})")
                child.failures = GIVE_UP_AFTER
                self._give_up_if(child.part.required)
            return
        wait = child.start_again(now)
        child.relay.say(f"ended ({how}), starts again {f'in {wait:g} s' if wait else 'now'}")
        hopeless = child.failures >= GIVE_UP_AFTER or code == SET_UP_WRONG
        self._give_up_if(child.part.required and hopeless and not self._was_ready)

    def _give_up_if(self, hopeless: bool) -> None:
        if hopeless:
            self._exit_code = 1
            self._stopping = True

    def _stop_all(self, *, last: bool) -> None:
        stopped = [c for c in self._children.values() if c.part.stops_last is last]
        stopped += self._succession.beside
        for child in stopped:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        while any(child.pid for child in stopped):
            left = 0.0 if self._hurry else deadline - time.monotonic()
            if left <= 0:
                for child in stopped:
                    child.signal(signal.SIGKILL)
            self._sleep(max(left, 0.1))
            self._notice_ends()


def _relays(parts: Sequence[Part], log: IO[str]) -> list[LogRelay]:
    labels = [part.label or part.name for part in parts]
    width = max(len(label) for label in labels)
    coloured = colours_wanted(log)
    return [
        LogRelay(label, width, log, colour if coloured else None)
        for colour, label in enumerate(labels)
    ]
