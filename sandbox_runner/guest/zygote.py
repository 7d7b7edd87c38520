"""The sandbox's zygote: hands orders to job processes and carries what they say to the runner.

It is uid 0 of the sandbox with four virtual capabilities; every job process drops to a uid of its
own, so it can neither signal nor trace this process, nor read another job's pipes. Frames from the
runner: an order (header and body). Frames to the runner, each a letter, a length and a payload:
R ready, O output, E errors, V a piece of the answer, X the end (JSON).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import time
from typing import Any

from sandbox_runner.guest import frames
from sandbox_runner.guest.nursery import Nursery, Process, split

_IN, _OUT = 0, 1
# How many job processes stand by; while orders come close together one more hides the making.
_STANDBY, _STANDBY_BUSY = 1, 2
_BUSY_MS, _THIN_MS = 100, 2000
_WARM_KEPT = 4
_FLOOD = 8 << 20
_TIDY = frames.packed(b"")
# Imported once, by the nursery, so that a job finds them ready. What is here is paid for by every
# job, in memory that is copied; what is not costs its users 1 to 8 ms.
_WARMED = (
    "base64 collections copy datetime functools hashlib io itertools json math operator random re "
    "string textwrap threading time typing uuid"
)


class Watch:
    """One run seen from the zygote: forwards what the job writes, within the limits."""

    def __init__(self, process: Process, limits: dict[str, Any], nursery: Nursery) -> None:
        self.process = process
        self.nursery = nursery
        self.status: int | None = None
        self.deadline = time.monotonic() + limits["timeout_s"]
        self.log_left: int = limits["log_bytes"]
        self.flood_left: int = max(_FLOOD, 4 * self.log_left)
        self.output_bytes: int = limits["output_bytes"]
        self.tags = {process.output: b"O", process.errors: b"E"}
        self.head = bytearray()
        self.wanted = -1
        self.got = 0
        self.surplus = b""
        self.cut = False

    def until_done(self) -> str:
        """Forward until the answer is whole or the run is over; say why it is over."""
        poll = select.poll()
        for descriptor in (self.process.answers, self.process.output, self.process.errors):
            poll.register(descriptor, select.POLLIN)
        poll.register(_IN, select.POLLIN)
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            events = poll.poll(min(left, 0.5) * 1000)
            if not events and self.look() is not None:
                return "exit"  # A child of the job may hold the pipe open after it.
            for descriptor, _ in events:
                if descriptor == _IN:
                    os._exit(0)  # The runner speaks only between runs: it has gone.
                data = os.read(descriptor, 1 << 16)
                if not data:
                    poll.unregister(descriptor)
                if (reason := self._take(descriptor, data)) is not None:
                    return reason

    def look(self) -> int | None:
        """Return the status that the job process ended with, or None while it runs."""
        if self.status is None:
            self.status = self.nursery.status(self.process.pid)
        return self.status

    def how_it_ended(self) -> tuple[int | None, int | None]:
        """Return the signal or exit code of a job process that closed its answer pipe."""
        until = min(self.deadline, time.monotonic() + 1)
        while self.look() is None and time.monotonic() < until:
            time.sleep(0.001)
        if self.status is None or self.status < 0:
            return None, None
        code = os.waitstatus_to_exitcode(self.status)
        return (-code, None) if code < 0 else (None, code)

    def _take(self, descriptor: int, data: bytes) -> str | None:
        if descriptor != self.process.answers:
            return None if self._log(descriptor, data) else "flood"
        return self._answer(data) if data else "exit"

    def drain(self) -> None:
        """Forward what the job had written to its logs before it answered."""
        poll = select.poll()
        for descriptor in self.tags:
            poll.register(descriptor, select.POLLIN)
        while events := poll.poll(0):
            for descriptor, _ in events:
                data = os.read(descriptor, 1 << 16)
                if not data:
                    poll.unregister(descriptor)
                elif not self._log(descriptor, data):
                    return

    def _answer(self, data: bytes) -> str | None:
        if self.wanted < 0:
            self.head += data
            if len(self.head) < 4:
                return None
            self.wanted = frames.unpacked_length(self.head)
            data = bytes(self.head[4:])
            if self.wanted > self.output_bytes + 1:
                return "output"
        left = self.wanted - self.got
        data, self.surplus = data[:left], data[left:]
        self.got += len(data)
        if data:
            frames.write_all(_OUT, frames.event(b"V", data))
        return "answer" if self.got >= self.wanted else None

    def _log(self, descriptor: int, data: bytes) -> bool:
        self.flood_left -= len(data)
        kept = data[: self.log_left]
        self.log_left -= len(kept)
        self.cut = self.cut or len(kept) < len(data)
        if kept:
            frames.write_all(_OUT, frames.event(self.tags[descriptor], kept))
        return self.flood_left > 0


class Zygote:
    """Serves one order after the other, for one workspace only."""

    def __init__(self, nursery: Nursery, tmp_mb: int) -> None:
        self.nursery = nursery
        self.tmp_mb = tmp_mb
        self.wanted = _STANDBY
        self.standby: list[Process] = []
        self.warm: dict[str, Process] = {}

    def serve(self) -> None:
        """Serve until the runner hangs up."""
        self.prepare(_STANDBY)
        self.standby.append(self.nursery.take())
        gc.collect()
        gc.freeze()
        while True:
            frames.write_all(_OUT, frames.event(b"R", b"{}"))
            # Only now: while the nursery forks it cannot bury the job that has ended.
            self.prepare(self.wanted)
            self.rest()
            order = frames.read_order(_IN)
            if order is None:
                os._exit(0)
            self.run(order, json.loads(order[0]))

    def rest(self) -> None:
        """Wait for an order; note whether they come close together, and thin out if none comes."""
        poll = select.poll()
        poll.register(_IN, select.POLLIN)
        self.wanted = _STANDBY_BUSY
        if not poll.poll(_BUSY_MS):
            self.wanted = _STANDBY
            if not poll.poll(_THIN_MS):
                while len(self.standby) + self.nursery.expected > _STANDBY:
                    self.discard(self.take())

    def take(self) -> Process:
        """Take a job process that stands by, or wait for one to be born."""
        if self.standby:
            return self.standby.pop()
        if not self.nursery.expected:
            self.nursery.ask(self.tmp_mb)
        return self.nursery.take()

    def prepare(self, count: int) -> None:
        """Ask for job processes until that many stand by or are being made."""
        while len(self.standby) + self.nursery.expected < count:
            self.nursery.ask(self.tmp_mb)

    def run(self, order: tuple[bytes, bytes], limits: dict[str, Any]) -> None:
        """Hand one order to a job process, forward what it says, and leave nothing of it."""
        key = limits["warm"]
        process = self.pick(key, limits["tmp_mb"])
        watch = Watch(process, limits, self.nursery)
        try:
            frames.write_all(process.orders, frames.order(*order))
            why = watch.until_done()
        except BrokenPipeError:
            why = "exit"
        watch.drain()
        end: dict[str, Any] = {"why": why, "cut": watch.cut, "signal": None, "code": None}
        if why == "exit":
            end["signal"], end["code"] = watch.how_it_ended()
        frames.write_all(_OUT, frames.event(b"X", json.dumps(end).encode()))
        if key and why == "answer" and self.still_clean(process, watch.surplus):
            self.keep(key, process)
        else:
            self.discard(process)

    def pick(self, key: str | None, tmp_mb: int) -> Process:
        """Return the warm process of that key, else one that stands by with such a /tmp."""
        if key and key in self.warm:
            return self.warm.pop(key)
        self.tmp_mb = tmp_mb
        while (process := self.take()).tmp_mb != tmp_mb:
            self.discard(process)
        return process

    def still_clean(self, process: Process, said: bytes) -> bool:
        """Say whether a warm process tidied up, runs one thread and has no children."""
        poll = select.poll()
        poll.register(process.answers, select.POLLIN)
        while len(said) < len(_TIDY):
            data = os.read(process.answers, 64) if poll.poll(1000) else b""
            if not data:
                return False
            said += data
        if said != _TIDY:
            return False
        try:
            alone = len(os.listdir(f"/proc/{process.pid}/task")) == 1
        except OSError:
            return False
        return alone and pids_of(process.uid, besides={"1"}) == [process.pid]

    def keep(self, key: str, process: Process) -> None:
        """Keep a warm process for the next run of the same code; the oldest makes room."""
        self.warm[key] = process
        while len(self.warm) > _WARM_KEPT:
            self.discard(self.warm.pop(next(iter(self.warm))))

    def discard(self, process: Process) -> None:
        """Kill everything that runs under the process's uid and forget it."""
        process.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        self.nursery.collect(process.pid)
        known = {str(other.pid) for other in self.standby} | {"1", str(os.getpid())}
        for _ in range(50):
            pids = pids_of(process.uid, besides=known)
            if not pids:
                return
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.nursery.collect()
            time.sleep(0.001)
        os._exit(3)  # Something survived: the runner replaces this sandbox.


def pids_of(uid: int, besides: set[str]) -> list[int]:
    """Return the processes that run under a uid; ``besides`` are known to run under another."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and name not in besides:
            try:
                if os.stat("/proc/" + name).st_uid == uid:
                    found.append(int(name))
            except OSError:
                continue
    return found


def main(tmp_mb: int) -> None:
    """Start the sandbox with that size of /tmp for the first jobs; it never returns."""
    # Our standard error is a file outside; a job could open it through /proc.
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 2)
    os.close(nothing)
    with contextlib.suppress(OSError):
        os.unlink("/dev/fuse")
    tend = split(lambda nursery: Zygote(nursery, tmp_mb).serve())
    from sandbox_runner.guest import job

    for name in _WARMED.split():
        importlib.import_module(name)
    live = job.prepare()
    gc.collect()
    gc.freeze()
    tend(live)
