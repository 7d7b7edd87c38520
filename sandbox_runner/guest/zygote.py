"""The sandbox's zygote: hands orders to job processes and carries what they say to the runner.

It is uid 0 of the sandbox with two virtual capabilities; every job process drops to a uid of its
own, so it can neither signal nor trace this process, nor read another job's pipes. Frames from the
runner: an order. Frames to the runner, each a letter, a length and a payload: R ready, O output, E
errors, V a piece of the answer, X the end (JSON).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import os
import time

from sandbox_runner.guest import frames, jsontext
from sandbox_runner.guest.ahead import Ahead, Profile, profile_of
from sandbox_runner.guest.births import Nursery, Process
from sandbox_runner.guest.watch import IN, OUT, Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How many job processes stand by; while orders come close together one more hides the making.
_STANDBY, _STANDBY_BUSY = 1, 2
_BUSY_S, _THIN_MS = 0.1, 2000
# After so long a step does without one, and waits some milliseconds for its process.
_REST_MS = 10_000
_WARM_KEPT = 4
# How long a run waits for modules that are being imported for it: a part of its time, at most so
# many seconds.
_PATIENCE, _MOST_PATIENCE_S = 0.25, 10.0
# How long an answer is held back for the word that the next order may come, and how long such a
# word may take at all.
_SOON_MS, _AT_LAST_MS = 3, 1000
_READY = frames.event(b"R", b"{}")
_NURSERY = 1


class Zygote:
    """Serves one order after the other, for one workspace only."""

    def __init__(self, nursery: Nursery, tmp_mb: int) -> None:
        self.nursery = nursery
        self.tmp_mb = tmp_mb
        self.wanted = _STANDBY
        self.standby: list[Process] = []
        self.warm: dict[str, Process] = {}
        self.ahead = Ahead()
        self.imported: set[str] = set()
        # Tasks that /proc counts besides job processes: the nursery, this one, and its own files.
        self.others = 0
        self.parting: Watch | None = None

    def serve(self) -> None:
        """Serve until the runner hangs up."""
        self.others = os.stat("/proc").st_nlink
        self.prepare(_STANDBY)
        self.standby.append(self.nursery.take())
        gc.collect()
        gc.freeze()
        while True:
            self.say_ready()
            rests = time.monotonic()
            # Only now: while the nursery forks it cannot bury the job that has ended.
            self.prepare(self.wanted)
            self.rest()
            order = frames.read_order(IN)
            if order is None:
                os._exit(0)
            header = jsontext.loads(order.header)
            if header["warm"] not in self.warm:
                soon = time.monotonic() - rests < _BUSY_S
                self.wanted = _STANDBY_BUSY if soon else _STANDBY
            profile = profile_of(header)
            self.run(order, header, profile)

    def say_ready(self) -> None:
        """Tell the runner that the next order may come, and with it an answer that was held."""
        if self.parting is None:
            frames.write_all(OUT, _READY)
        else:
            self.parting.tell(_READY)
            self.parting = None

    def begin_ahead(self) -> None:
        """Have a job process import the modules of a step for which there is none."""
        profile = self.ahead.lacking()
        if profile is not None:
            self.ahead.begin(profile, self.take_with(profile.tmp_mb))
            self.prepare(self.wanted)

    def rest(self) -> None:
        """Wait for an order; meanwhile modules are imported, and who stands by too long goes."""
        since = time.monotonic()
        while True:
            self.begin_ahead()
            most, wait_ms = (_STANDBY, _THIN_MS) if self.stand_by() > _STANDBY else (0, _REST_MS)
            left_ms = wait_ms - (time.monotonic() - since) * 1000
            if self.stand_by() > most and left_ms <= 0:
                while self.stand_by() > most:
                    self.discard(self.take())
                since = time.monotonic()
                continue
            if self.ahead.await_word(IN, left_ms if self.stand_by() > most else None):
                return
            self.settle_ahead()

    def stand_by(self) -> int:
        """How many job processes stand by or are being made, not counting those for a step."""
        return len(self.standby) + self.nursery.expected

    def settle_ahead(self, wanted: Profile | None = None) -> None:
        """Stop those that have imported what they were to; who did more than that is let go.

        The one that is ``wanted`` at once goes on.
        """
        for process in self.ahead.take_done():
            if process.has_tidied(0) and self.alone(process):
                self.ahead.keep(process)
                if not self.ahead.is_for(wanted, process):
                    self.stop(process)
            else:
                self.ahead.give_up(process)
                self.discard(process)

    def take(self) -> Process:
        """Take a job process that stands by, or wait for one to be born."""
        if self.standby:
            return self.standby.pop(0)
        if not self.nursery.expected:
            self.nursery.ask(self.tmp_mb)
        return self.nursery.take()

    def take_with(self, tmp_mb: int) -> Process:
        """Take a job process with a /tmp of that size."""
        self.tmp_mb = tmp_mb
        while (process := self.take()).tmp_mb != tmp_mb:
            self.discard(process)
        return process

    def gather(self) -> None:
        """Have those stand by that were born meanwhile: who is known need not be looked for."""
        while self.nursery.has_news():
            self.standby.append(self.nursery.take())

    def prepare(self, count: int) -> None:
        """Ask for job processes until that many stand by or are being made."""
        while len(self.standby) + self.nursery.expected < count:
            self.nursery.ask(self.tmp_mb)

    def run(self, order: frames.Order, header: dict[str, Any], profile: Profile | None) -> None:
        """Hand one order to a job process, forward what it says, and leave nothing of it."""
        key = header["warm"]
        began = time.monotonic()
        if profile is not None:
            for unwanted in self.ahead.want(profile):
                self.discard(unwanted)
        process = self.pick(key, header, profile)
        watch = Watch(process, header, self.nursery, began)
        # Not beside a run of another step, whose processor time it would use.
        for importing in self.ahead.interrupt():
            self.discard(importing)
        try:
            frames.write_all(process.orders, order.data)
            why = watch.until_done()
        except BrokenPipeError:
            why = "exit"
        if why != "answer" or watch.is_printing:
            watch.drain()
        end: dict[str, Any] = {"why": why, "cut": watch.cut, "signal": None, "code": None}
        if why == "exit":
            end["signal"], end["code"] = watch.how_it_ended()
        watch.finish(jsontext.dumps(end).encode())
        if key and why == "answer" and self.still_clean(watch):
            self.keep(key, process)
            self.parting = watch
        else:
            watch.tell()
            self.discard(process)
        self.load(header["imports"])

    def load(self, names: list[str]) -> None:
        """Have modules imported that are not yet; who stands by without them is let go."""
        new = [name for name in names if name not in self.imported]
        if not new:
            return
        self.imported.update(new)
        if self.parting is not None:
            self.parting.tell()
        # Nobody else may be born before: they would lack the modules.
        while self.standby or self.nursery.expected:
            self.discard(self.take())
        self.nursery.load(jsontext.dumps(new).encode())

    def pick(self, key: str | None, header: dict[str, Any], profile: Profile | None) -> Process:
        """Return the warm process of that key, or one that has the step's modules, or any."""
        if key and key in self.warm:
            process = self.warm.pop(key)
            self.go_on(process)
            return process
        patience = min(header["timeout_s"] * _PATIENCE, _MOST_PATIENCE_S)
        if profile is not None and self.ahead.await_done(profile, patience):
            self.settle_ahead(profile)
            if (found := self.ahead.pop(profile)) is not None:
                self.go_on(found)
                return found
        return self.take_with(header["tmp_mb"])

    def still_clean(self, watch: Watch) -> bool:
        """Say whether a warm process tidied up, runs one thread and has no children."""
        if not watch.process.has_tidied(_SOON_MS):
            watch.tell()
            if not watch.process.has_tidied(_AT_LAST_MS):
                return False
        return self.alone(watch.process)

    def alone(self, process: Process) -> bool:
        """Say whether a process runs one thread, and nothing else runs under its uid."""
        if process.count_tasks() != 1:
            return False
        self.gather()
        known = self.known() | {process.pid}
        if not self.nursery.expected and self.count_others() == len(known):
            return True  # Those that are known, and nobody else.
        return self.pids_of(process.uid) == [process.pid]

    def keep(self, key: str, process: Process) -> None:
        """Keep a warm process for the next run of the same code; the oldest makes room.

        It is stopped: it may have told us that it rests, and have gone on in secret.
        """
        self.stop(process)
        self.warm[key] = process
        while len(self.warm) > _WARM_KEPT:
            self.discard(self.warm.pop(next(iter(self.warm))))

    def stop(self, process: Process) -> None:
        """Stop a process until it is to go on."""
        os.kill(process.pid, _signal.SIGSTOP)
        process.is_stopped = True

    def go_on(self, process: Process) -> None:
        """Let a process that was stopped go on."""
        if process.is_stopped:
            os.kill(process.pid, _signal.SIGCONT)

    def discard(self, process: Process) -> None:
        """Kill everything that runs under the process's uid and forget it."""
        process.close()
        _kill(process.pid)
        self.nursery.collect(process.pid)
        for _ in range(50):
            self.gather()
            if not self.nursery.expected and self.count_others() == len(self.known()):
                return
            pids = self.pids_of(process.uid)
            if not pids:
                return
            for pid in pids:
                _kill(pid)
            self.nursery.bury()
            time.sleep(0.001)
        os._exit(3)  # Something survived: the runner replaces this sandbox.

    def known(self) -> set[int]:
        """The pids of all that stand by, rest, or import something."""
        processes = (*self.standby, *self.warm.values(), *self.ahead.all())
        return {process.pid for process in processes}

    def count_others(self) -> int:
        """Count all processes but the nursery and this one."""
        # By its name each time: what is kept open here, a job could open in /proc, too.
        return os.stat("/proc").st_nlink - self.others

    def pids_of(self, uid: int) -> list[int]:
        """Return the processes that run under a uid."""
        known = {other.pid for other in self.standby} | {_NURSERY, os.getpid()}
        unknown = (name for name in os.listdir("/proc") if name.isdigit())
        return [int(n) for n in unknown if int(n) not in known and _uid_of(n) == uid]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, _signal.SIGKILL)
    except ProcessLookupError:
        return


def _uid_of(pid: str) -> int | None:
    """Return a process's uid; whose its files in /proc are says less, as a process can hide."""
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("Uid:"):
                    return int(line.split()[1])
    except (OSError, ValueError):
        return None
    return None
