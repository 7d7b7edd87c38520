"""Job processes that have imported the packages' modules that one step names, before its run.

Each is as any job process: dropped, in namespaces of its own, for one run only. So what a package
does when it is imported, it does to that run. What they import they do while nobody waits, and are
stopped until their run comes.
"""

from __future__ import annotations

import select
import time
from contextlib import suppress

from sandbox_runner.guest import frames, jsontext
from sandbox_runner.guest.births import Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = 3
# Longer than that no process may take for it, while nobody looks; it has a bound on its processor
# time besides, and gets only what others leave of the processors.
_LONGEST_S = 60.0
_CPU_S = 10
_LIMITS = ("memory_mb", "processes", "tmp_mb", "file_bytes", "open_files", "cpu_s")


class Profile:
    """What a process has to have for a run: its modules, and limits that only ever sink."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.tmp_mb: int = header["tmp_mb"]
        limits = {name: header[name] for name in _LIMITS}
        self.text = jsontext.dumps({"ahead": header["ahead"], **limits, "import_s": _CPU_S})
        self.order = frames.packed_order(self.text.encode(), b"")


def profile_of(header: dict[str, Any]) -> Profile | None:
    """Return what a run's process has to have; None where a plain one will do."""
    if header["warm"] is not None or not header["ahead"]:
        return None
    return Profile(header)


class _Ahead:
    __slots__ = ("deadline", "is_done", "process", "text")

    def __init__(self, text: str, process: Process) -> None:
        self.text, self.process = text, process
        self.deadline = time.monotonic() + _LONGEST_S
        self.is_done = False


class Ahead:
    """Those processes, by what they have imported or are importing, for the steps run last."""

    def __init__(self) -> None:
        self._ones: list[_Ahead] = []
        self._wanted: dict[str, Profile] = {}
        self._unfit: set[str] = set()

    def want(self, profile: Profile) -> list[Process]:
        """Note that a step is run; return the processes of steps that were not run for long."""
        self._wanted.pop(profile.text, None)
        self._wanted[profile.text] = profile
        if len(self._wanted) > _KEPT:
            del self._wanted[next(iter(self._wanted))]
        return self._let_go([one for one in self._ones if one.text not in self._wanted])

    def lacking(self) -> Profile | None:
        """The step run last for which there is no process; None while another one is importing."""
        if not self._wanted or self._importing():
            return None
        there = {one.text for one in self._ones} | self._unfit
        lacking = [profile for text, profile in self._wanted.items() if text not in there]
        return lacking[-1] if lacking else None

    def begin(self, profile: Profile, process: Process) -> None:
        """Have a process import a step's modules."""
        self._ones.append(_Ahead(profile.text, process))
        # If it has ended, whoever waits for its word will see that.
        with suppress(BrokenPipeError):
            frames.write_all(process.orders, profile.order)

    def await_word(self, descriptor: int, left_ms: float | None) -> bool:
        """Wait until a descriptor can be read, and say so; or one has imported, or may no more."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        for one in self._importing():
            poll.register(one.process.answers, select.POLLIN)
            mine = max(0.0, one.deadline - time.monotonic()) * 1000
            left_ms = mine if left_ms is None else min(left_ms, mine)
        return any(ready == descriptor for ready, _ in poll.poll(left_ms))

    def await_done(self, profile: Profile, seconds: float) -> bool:
        """Wait for so long until the process for that step has imported, or has ended."""
        for one in self._ones:
            if one.text == profile.text:
                poll = select.poll()
                poll.register(one.process.answers, select.POLLIN)
                if not one.is_done and not poll.poll(seconds * 1000):
                    one.deadline = 0.0
                return True
        return False

    def take_done(self) -> list[Process]:
        """Return those that have said something, have ended, or may take no longer."""
        poll = select.poll()
        for one in self._importing():
            poll.register(one.process.answers, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(0)}
        now = time.monotonic()
        return [
            one.process
            for one in self._importing()
            if one.process.answers in ready or now >= one.deadline
        ]

    def keep(self, process: Process) -> None:
        """Note that a process is ready for its run."""
        for one in self._ones:
            if one.process is process:
                one.is_done = True

    def is_for(self, profile: Profile | None, process: Process) -> bool:
        """Whether that is the process for a step."""
        text = None if profile is None else profile.text
        return any(one.text == text and one.process is process for one in self._ones)

    def give_up(self, process: Process) -> None:
        """Forget a process, and make none like it any more."""
        self._unfit.update(one.text for one in self._ones if one.process is process)
        self._ones = [one for one in self._ones if one.process is not process]

    def pop(self, profile: Profile) -> Process | None:
        """Return the process that is ready for a step, if there is one; it is nobody else's."""
        for one in self._ones:
            if one.text == profile.text and one.is_done:
                self._ones.remove(one)
                return one.process
        return None

    def interrupt(self) -> list[Process]:
        """Forget those that are importing, and return them; others are begun in their place."""
        return self._let_go(self._importing())

    def all(self) -> list[Process]:
        """All of them."""
        return [one.process for one in self._ones]

    def _let_go(self, ones: list[_Ahead]) -> list[Process]:
        self._ones = [one for one in self._ones if one not in ones]
        return [one.process for one in ones]

    def _importing(self) -> list[_Ahead]:
        return [one for one in self._ones if not one.is_done]
