"""One part of the table as a process: started, watched, started again, stopped."""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable
from enum import StrEnum
from typing import IO

from local_emulator.kinship import end_group
from local_emulator.log_relay import LogRelay
from local_emulator.part import Kind, Part
from local_emulator.probe import Answer, Probe
from local_emulator.process import Process, launch
from local_emulator.tell_pipe import READY, TellPipe

LONGEST_WAIT_S = 10.0
STEADY_AFTER_S = 30.0


class State(StrEnum):
    """Where a child is in its life."""

    WAITING = "waiting"
    """For others to be ready, or for its time to be started again."""
    RUNNING = "running"
    ENDED = "ended"
    """For good."""


class Child:
    """The process that fills one slot now, and what happened in that slot before.

    What it wants to be woken for, it puts on the selector with the function to call. ``on_told``
    takes the lines that the process writes to its pipe, other than ``ready``.
    """

    def __init__(
        self,
        part: Part,
        relay: LogRelay,
        selector: selectors.BaseSelector,
        on_told: Callable[[str], None],
        launch: Callable[[Part], Process] = launch,
    ) -> None:
        self.part = part
        self.relay = relay
        self.state = State.WAITING
        self.ready = False
        self.start_at = 0.0
        self.failures = 0
        """Ends in a row that nobody asked for; a steady run sets it back."""
        self._selector = selector
        self._launch = launch
        self._process: Process | None = None
        self._output: IO[bytes] | None = None
        self._probe: Probe | None = None
        self._pipe: TellPipe | None = None
        self._on_told = on_told
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def start(self, now: float) -> None:
        """Start the process in a group of its own, tied to the life of this one."""
        pipe = TellPipe(self._told, self._selector) if self.part.tells else None
        self._process = self._launch(pipe.given_to(self.part) if pipe else self.part)
        if pipe:
            pipe.listen()
        self._pipe = pipe
        self._output = self._process.output
        os.set_blocking(self._output.fileno(), False)
        self._selector.register(self._output, selectors.EVENT_READ, self._read)
        self.state = State.RUNNING
        says_so = bool(self.part.ready_url or self.part.tells)
        self.ready = self.part.kind is Kind.SERVICE and not says_so
        self._started_at = now

    def probe(self, now: float) -> None:
        """Ask whether it is ready, or look for the answer to what was asked."""
        if self._probe is None:
            self._probe = Probe(self.part.ready_url, self.part.ready_statuses, now)
            if self._probe.socket is not None:
                self._selector.register(self._probe.socket, selectors.EVENT_READ, _nothing)
        answer = self._probe.advance(now)
        if answer is not Answer.PENDING:
            self.ready = answer is Answer.READY
            self._hang_up()

    def ended(self, now: float) -> int | None:
        """The exit code if the process has ended; it can be started again then."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is None:
            return None
        self._process = None
        self.state = State.ENDED
        if self._pipe is not None:
            self._pipe.close()
        self.ready = code == 0 and self.part.kind is Kind.TASK
        self._hang_up()
        while self._read():
            pass
        self._close_output()
        if now - self._started_at > STEADY_AFTER_S:
            self.failures = 0
        return code

    def start_again(self, now: float) -> float:
        """Plan the next start and return the wait in seconds: none at first, then longer."""
        wait = 0.0 if self.failures == 0 else min(LONGEST_WAIT_S, 0.25 * 2**self.failures)
        self.failures += 1
        self.state = State.WAITING
        self.start_at = now + wait
        return wait

    def start_anew(self, now: float) -> None:
        """Plan the next start for now, after an end that was asked for."""
        self.state = State.WAITING
        self.start_at = now

    def signal(self, how: signal.Signals) -> None:
        """Send SIGTERM to the process, or SIGKILL to its whole group."""
        if self._process is None:
            return
        if how is signal.SIGKILL:
            end_group(self._process.pid, how)
        else:
            os.kill(self._process.pid, how)

    def _told(self, line: str) -> None:
        if line == READY:
            self.ready = True
        else:
            self._on_told(line)

    def _read(self) -> bool:
        """Pass on what the process printed; False when there is no more for now."""
        if self._output is None:
            return False
        try:
            data = os.read(self._output.fileno(), 65536)
        except BlockingIOError:
            return False
        if data:
            self.relay.feed(data)
        else:
            self._close_output()
        return bool(data)

    def _close_output(self) -> None:
        if self._output is not None:
            self._selector.unregister(self._output)
            self._output.close()
            self._output = None
            self.relay.end()

    def _hang_up(self) -> None:
        if self._probe is None:
            return
        if self._probe.socket is not None:
            self._selector.unregister(self._probe.socket)
        self._probe.close()
        self._probe = None


def _nothing() -> None:
    """Waking up is all that is wanted."""
