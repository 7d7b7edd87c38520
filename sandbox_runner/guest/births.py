"""The zygote's side of the nursery: asks for job processes and for how they ended."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import os
import select
import struct
import time
from contextlib import suppress

from sandbox_runner.guest import frames
from sandbox_runner.guest.forking import FORK, WAIT
from sandbox_runner.guest.nursery import BIRTH, HANDED_OVER, IMPORT

_WISH = struct.Struct("<ii")
_END = struct.Struct("<ii")
_LOOKS, _BETWEEN_S = 20, 0.0005
_EMPTY_FOLDER_LINKS = 2
UNKNOWN = -2
TIDY = frames.packed(b"")


class Process:
    """A job process, the zygote's ends of its pipes, and the folder that its /tmp is in."""

    __slots__ = (
        *("answers", "errors", "orders", "output", "room"),
        *("is_stopped", "pid", "surplus", "tmp_mb", "uid"),
    )

    def __init__(self, birth: tuple[int, ...], pipes: tuple[int, ...]) -> None:
        self.pid, self.uid, self.tmp_mb = birth
        self.orders, self.answers, self.output, self.errors, self.room = pipes
        # What it has answered beyond the answer.
        self.surplus = b""
        self.is_stopped = False

    def wake(self) -> None:
        """Have it go on once more: a stop may take effect after the word to go on."""
        self.is_stopped = False
        with suppress(ProcessLookupError):
            os.kill(self.pid, _signal.SIGCONT)

    def has_tidied(self, milliseconds: int) -> bool:
        """Wait for the word that it is done, and rests; False if it says another, or none."""
        poll = select.poll()
        poll.register(self.answers, select.POLLIN)
        while len(self.surplus) < len(TIDY):
            data = os.read(self.answers, 64) if poll.poll(milliseconds) else b""
            if not data:
                return False
            self.surplus += data
        said, self.surplus = self.surplus, b""
        return said == TIDY

    def count_tasks(self) -> int:
        """Count its threads; 0 for one that has ended."""
        try:
            return os.stat(f"/proc/{self.pid}/task").st_nlink - _EMPTY_FOLDER_LINKS
        except OSError:
            return 0

    def close(self) -> None:
        """Close what we hold of it."""
        for descriptor in (self.orders, self.answers, self.output, self.errors, self.room):
            os.close(descriptor)


class Nursery:
    """Writes wishes and reads what comes of them; ``expected`` counts the births under way."""

    def __init__(self, wishes: int, ends: int, births: _socket.socket) -> None:
        self._wishes, self._ends, self._births = wishes, ends, births
        self.expected = 0
        self._births_poll = select.poll()
        self._births_poll.register(births, select.POLLIN)

    def ask(self, tmp_mb: int) -> None:
        """Ask for one more job process; it is made while we do something else."""
        os.write(self._wishes, _WISH.pack(FORK, tmp_mb))
        self.expected += 1

    def take(self) -> Process:
        """Wait for the next job process that was asked for."""
        room = _socket.CMSG_SPACE(HANDED_OVER * struct.calcsize("i"))
        data, ancillary, _, _ = self._births.recvmsg(BIRTH.size, room)
        if len(data) < BIRTH.size or not ancillary:
            os._exit(4)  # The nursery has gone, or could not fork: so has this sandbox.
        self.expected -= 1
        descriptors = struct.unpack(f"<{HANDED_OVER}i", ancillary[0][2])
        return Process(BIRTH.unpack(data), descriptors)

    def has_news(self) -> bool:
        """Whether a job process that was asked for is there to be taken at once."""
        return bool(self.expected and self._births_poll.poll(0))

    def load(self, names: bytes) -> None:
        """Have modules imported (a JSON list of names) before the next process is forked."""
        os.write(self._wishes, _WISH.pack(IMPORT, len(names)) + names)

    def status(self, pid: int) -> int | None:
        """Return a job process's status, None while it runs, UNKNOWN for none of ours."""
        found, status = self._wait(pid)
        if found == pid:
            return status
        return UNKNOWN if found < 0 else None

    def collect(self, pid: int) -> None:
        """Bury a job process that was killed, and every orphan that has ended."""
        # Bounded, because a killed process that another one traces does not end before that one.
        for _ in range(_LOOKS):
            if self._wait(pid)[0] != 0:
                break
            time.sleep(_BETWEEN_S)
        self.bury()

    def bury(self) -> None:
        """Bury every orphan that has ended."""
        while self._wait(-1)[0] > 0:
            pass

    def _wait(self, pid: int) -> tuple[int, int]:
        os.write(self._wishes, _WISH.pack(WAIT, pid))
        answer = os.read(self._ends, _END.size)
        if len(answer) < _END.size:
            os._exit(4)
        found, status = _END.unpack(answer)
        return int(found), int(status)
