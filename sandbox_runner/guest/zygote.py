"""The sandbox's first process: keeps job processes forked ahead and carries frames to and fro.

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
from dataclasses import dataclass
from typing import Any

from sandbox_runner.guest import frames, job

_IN, _OUT = 0, 1
# Far above the uids in use outside, which the zygote's pipes carry as their owner.
_FIRST_UID, _UIDS = 2_000_000_000, 100_000
_STANDBY = 1
_WARM_KEPT = 4
_FLOOD = 8 << 20
_TIDY = frames.packed(b"")
# Imported once, here, so that a job finds them ready.
_WARMED = (
    "base64 collections copy csv dataclasses datetime decimal functools hashlib hmac html "
    "itertools json math operator random re secrets statistics string textwrap time typing "
    "urllib.parse uuid zoneinfo inspect io threading"
)


@dataclass
class Process:
    """A job process, and our ends of its pipes."""

    pid: int
    uid: int
    tmp_mb: int
    orders: int
    answers: int
    output: int
    errors: int

    def has_ended(self) -> bool:
        """Say whether the process has ended, without collecting it."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def close(self) -> None:
        """Close our ends of the pipes."""
        for descriptor in (self.orders, self.answers, self.output, self.errors):
            os.close(descriptor)


class Watch:
    """One run seen from the zygote: forwards what the job writes, within the limits."""

    def __init__(self, process: Process, limits: dict[str, Any]) -> None:
        self.process = process
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
            if not events and self.process.has_ended():
                return "exit"  # A child of the job may hold the pipe open after it.
            for descriptor, _ in events:
                if descriptor == _IN:
                    os._exit(0)  # The runner speaks only between runs: it has gone.
                data = os.read(descriptor, 1 << 16)
                if not data:
                    poll.unregister(descriptor)
                if (reason := self._take(descriptor, data)) is not None:
                    return reason

    def _take(self, descriptor: int, data: bytes) -> str | None:
        if descriptor != self.process.answers:
            return None if self._log(descriptor, data) else "flood"
        return self._answer(data) if data else "exit"

    def drain(self) -> None:
        """Forward what the job had written to its logs before it answered."""
        for descriptor in self.tags:
            os.set_blocking(descriptor, False)
            try:
                while (data := os.read(descriptor, 1 << 16)) and self._log(descriptor, data):
                    pass
            except BlockingIOError:
                pass
            os.set_blocking(descriptor, True)

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

    def __init__(self, tmp_mb: int) -> None:
        self.tmp_mb = tmp_mb
        self.forked = 0
        self.standby: list[Process] = []
        self.warm: dict[str, Process] = {}

    def serve(self) -> None:
        """Serve until the runner hangs up."""
        self.prepare(self.tmp_mb)
        gc.collect()
        gc.freeze()
        while True:
            frames.write_all(_OUT, frames.event(b"R", b"{}"))
            order = frames.read_order(_IN)
            if order is None:
                os._exit(0)
            limits = json.loads(order[0])
            self.run(order, limits)
            self.prepare(limits["tmp_mb"])

    def prepare(self, tmp_mb: int) -> None:
        """Fork job processes ahead until enough stand by."""
        while len(self.standby) < _STANDBY:
            self.standby.append(self.fork(tmp_mb))

    def fork(self, tmp_mb: int) -> Process:
        """Fork one job process with a uid that no earlier one had."""
        self.forked += 1
        uid = _FIRST_UID + self.forked % _UIDS
        orders, answers, output, errors = (os.pipe() for _ in range(4))
        pid = os.fork()
        if pid == 0:
            try:
                job.live(uid, tmp_mb, (orders[0], answers[1], output[1], errors[1]))
            finally:
                os._exit(70)
        for descriptor in (orders[0], answers[1], output[1], errors[1]):
            os.close(descriptor)
        return Process(pid, uid, tmp_mb, orders[1], answers[0], output[0], errors[0])

    def run(self, order: tuple[bytes, bytes], limits: dict[str, Any]) -> None:
        """Hand one order to a job process, forward what it says, and leave nothing of it."""
        key = limits["warm"]
        process = self.pick(key, limits["tmp_mb"])
        watch = Watch(process, limits)
        try:
            frames.write_all(process.orders, frames.order(*order))
            why = watch.until_done()
        except BrokenPipeError:
            why = "exit"
        watch.drain()
        end: dict[str, Any] = {"why": why, "cut": watch.cut, "signal": None, "code": None}
        if why == "exit":
            end["signal"], end["code"] = reap(process.pid, watch.deadline)
        frames.write_all(_OUT, frames.event(b"X", json.dumps(end).encode()))
        if key and why == "answer" and self.still_clean(process, watch.surplus):
            self.keep(key, process)
        else:
            self.discard(process)

    def pick(self, key: str | None, tmp_mb: int) -> Process:
        """Return the warm process of that key, else one that stands by with such a /tmp."""
        if key and key in self.warm:
            return self.warm.pop(key)
        process = self.standby.pop()
        if process.tmp_mb != tmp_mb:
            self.discard(process)
            process = self.fork(tmp_mb)
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
        return alone and pids_of(process.uid) == [process.pid]

    def keep(self, key: str, process: Process) -> None:
        """Keep a warm process for the next run of the same code; the oldest makes room."""
        self.warm[key] = process
        while len(self.warm) > _WARM_KEPT:
            self.discard(self.warm.pop(next(iter(self.warm))))

    def discard(self, process: Process) -> None:
        """Kill everything that runs under the process's uid and forget it."""
        process.close()
        for _ in range(50):
            pids = pids_of(process.uid)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            reap_all()
            if not pids:
                return
            time.sleep(0.001)
        os._exit(3)  # Something survived: the runner replaces this sandbox.


def pids_of(uid: int) -> list[int]:
    """Return the processes that run under a uid."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            try:
                if os.stat("/proc/" + name).st_uid == uid:
                    found.append(int(name))
            except OSError:
                continue
    return found


def reap(pid: int, deadline: float) -> tuple[int | None, int | None]:
    """Wait for a process that closed its answer pipe: the signal or exit code it ended with."""
    until = min(deadline, time.monotonic() + 1)
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return (-code, None) if code < 0 else (None, code)
        time.sleep(0.001)
    return None, None


def reap_all() -> None:
    """Collect every child that has ended, adopted ones included."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main(tmp_mb: int) -> None:
    """Start the zygote with that size of /tmp for the first jobs; it never returns."""
    # Our standard error is a file outside; a job could open it through /proc.
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 2)
    os.close(nothing)
    with contextlib.suppress(OSError):
        os.unlink("/dev/fuse")
    for name in _WARMED.split():
        importlib.import_module(name)
    Zygote(tmp_mb).serve()
