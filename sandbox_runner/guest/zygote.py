"""The sandbox's zygote: hands orders to job processes and carries what they say to the runner.

It is uid 0 of the sandbox with two virtual capabilities; every job process drops to a uid of its
own, so it can neither signal nor trace this process, nor read another job's pipes. Frames from the
runner: an order. Frames to the runner, each a letter, a length and a payload: R ready, A what was
to be imported ahead is, O output, E errors, V a piece of the answer, X the end (JSON).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import os
import select
import time

from sandbox_runner.guest import frames, jsontext
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
            self.thin_out()
            order = frames.read_order(IN)
            if order is None:
                os._exit(0)
            header = jsontext.loads(order.header)
            if header["warm"] not in self.warm:
                soon = time.monotonic() - rests < _BUSY_S
                self.wanted = _STANDBY_BUSY if soon else _STANDBY
            self.run(order, header)

    def say_ready(self) -> None:
        """Tell the runner that the next order may come, and with it an answer that was held."""
        if self.parting is None:
            frames.write_all(OUT, _READY)
        else:
            self.parting.tell(_READY)
            self.parting = None

    def thin_out(self) -> None:
        """Wait for an order, and let those go that need not stand by if none comes for long."""
        poll = select.poll()
        poll.register(IN, select.POLLIN)
        for most, wait_ms in ((_STANDBY, _THIN_MS), (0, _REST_MS)):
            if len(self.standby) + self.nursery.expected <= most:
                continue
            if poll.poll(wait_ms):
                return
            while len(self.standby) + self.nursery.expected > most:
                self.discard(self.take())

    def take(self) -> Process:
        """Take a job process that stands by, or wait for one to be born."""
        if self.standby:
            return self.standby.pop(0)
        if not self.nursery.expected:
            self.nursery.ask(self.tmp_mb)
        return self.nursery.take()

    def gather(self) -> None:
        """Have those stand by that were born meanwhile: who is known need not be looked for."""
        while self.nursery.has_news():
            self.standby.append(self.nursery.take())

    def prepare(self, count: int) -> None:
        """Ask for job processes until that many stand by or are being made."""
        while len(self.standby) + self.nursery.expected < count:
            self.nursery.ask(self.tmp_mb)

    def run(self, order: frames.Order, header: dict[str, Any]) -> None:
        """Hand one order to a job process, forward what it says, and leave nothing of it."""
        key = header["warm"]
        if header["ahead"]:
            self.load(header["ahead"])
            self.nursery.bury()  # It answers when it has imported them, if it lives to do so.
            frames.write_all(OUT, frames.event(b"A", b""))
        process = self.pick(key, header["tmp_mb"])
        watch = Watch(process, header, self.nursery)
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

    def pick(self, key: str | None, tmp_mb: int) -> Process:
        """Return the warm process of that key, else one that stands by with such a /tmp."""
        if key and key in self.warm:
            process = self.warm.pop(key)
            os.kill(process.pid, _signal.SIGCONT)
            return process
        self.tmp_mb = tmp_mb
        while (process := self.take()).tmp_mb != tmp_mb:
            self.discard(process)
        return process

    def still_clean(self, watch: Watch) -> bool:
        """Say whether a warm process tidied up, runs one thread and has no children."""
        if not watch.has_tidied(_SOON_MS):
            watch.tell()
            if not watch.has_tidied(_AT_LAST_MS):
                return False
        return self.alone(watch.process)

    def alone(self, process: Process) -> bool:
        """Say whether a process runs one thread, and nothing else runs under its uid."""
        if process.count_tasks() != 1:
            return False
        self.gather()
        known = len(self.standby) + len(self.warm) + 1
        if not self.nursery.expected and self.count_others() == known:
            return True  # Those that are known, and nobody else.
        return self.pids_of(process.uid) == [process.pid]

    def keep(self, key: str, process: Process) -> None:
        """Keep a warm process for the next run of the same code; the oldest makes room.

        It is stopped: it may have told us that it rests, and have gone on in secret.
        """
        os.kill(process.pid, _signal.SIGSTOP)
        self.warm[key] = process
        while len(self.warm) > _WARM_KEPT:
            self.discard(self.warm.pop(next(iter(self.warm))))

    def discard(self, process: Process) -> None:
        """Kill everything that runs under the process's uid and forget it."""
        process.close()
        _kill(process.pid)
        self.nursery.collect(process.pid)
        for _ in range(50):
            self.gather()
            known = len(self.standby) + len(self.warm)
            if not self.nursery.expected and self.count_others() == known:
                return
            pids = self.pids_of(process.uid)
            if not pids:
                return
            for pid in pids:
                _kill(pid)
            self.nursery.bury()
            time.sleep(0.001)
        os._exit(3)  # Something survived: the runner replaces this sandbox.

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
