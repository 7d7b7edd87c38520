"""The sandbox's first process: it forks job processes and does nothing else.

Under a sandbox kernel a fork is dear in proportion to what both sides write afterwards, so the
process that forks is not the one that serves: it wakes, forks, and sleeps again, while the zygote
carries frames. A newborn makes its own pipes, hands the zygote's ends over, and waits for its job.
"""

from __future__ import annotations

import _socket
import array
import os
import struct
import time
from collections.abc import Callable
from typing import NamedTuple, NoReturn

# Far above the uids in use outside, which the zygote's pipes carry as their owner.
_FIRST_UID, _UIDS = 2_000_000_000, 100_000
_WISH = struct.Struct("<cI")
_BIRTH = struct.Struct("<III")
_END = struct.Struct("<q")
_FORK, _LOOK, _COLLECT = b"F", b"L", b"C"
_RUNNING, _UNKNOWN = -1, -2
_LOOKS, _BETWEEN_S = 20, 0.0005
_PIPES = 4

# What a newborn lives by: its uid, the size of its /tmp, and its ends of the pipes.
Live = Callable[[int, int, tuple[int, int, int, int]], None]


class Process(NamedTuple):
    """A job process, and the zygote's ends of its pipes."""

    pid: int
    uid: int
    tmp_mb: int
    orders: int
    answers: int
    output: int
    errors: int

    def close(self) -> None:
        """Close our ends of the pipes."""
        for descriptor in (self.orders, self.answers, self.output, self.errors):
            os.close(descriptor)


class Nursery:
    """The zygote's side: asks for job processes and for how they ended."""

    def __init__(self, wishes: int, ends: int, births: _socket.socket) -> None:
        self._wishes, self._ends, self._births = wishes, ends, births
        self.expected = 0

    def ask(self, tmp_mb: int) -> None:
        """Ask for one more job process; it is made while we do something else."""
        os.write(self._wishes, _WISH.pack(_FORK, tmp_mb))
        self.expected += 1

    def take(self) -> Process:
        """Wait for the next job process that was asked for."""
        room = _socket.CMSG_SPACE(_PIPES * array.array("i").itemsize)
        data, ancillary, _, _ = self._births.recvmsg(_BIRTH.size, room)
        if len(data) < _BIRTH.size or not ancillary:
            os._exit(4)  # The nursery has gone, or could not fork: so has this sandbox.
        self.expected -= 1
        descriptors = array.array("i")
        descriptors.frombytes(ancillary[0][2])
        return Process(*_BIRTH.unpack(data), *descriptors)

    def status(self, pid: int) -> int | None:
        """Return the status that a job process ended with, or None while it runs."""
        status = self._ask_about(_LOOK, pid)
        return None if status == _RUNNING else status

    def collect(self, pid: int = 0) -> None:
        """Bury a job process that was killed, and every orphan that has ended."""
        self._ask_about(_COLLECT, pid)

    def _ask_about(self, wish: bytes, pid: int) -> int:
        os.write(self._wishes, _WISH.pack(wish, pid))
        answer = os.read(self._ends, _END.size)
        if len(answer) < _END.size:
            os._exit(4)
        return int(_END.unpack(answer)[0])


def split(serve: Callable[[Nursery], None]) -> Callable[[Live], NoReturn]:
    """Fork the zygote, which serves; in this process, return what tends the nursery."""
    wishes, wishes_in = os.pipe()
    ends_out, ends = os.pipe()
    births, births_in = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            os.close(wishes)
            os.close(ends)
            births_in.close()
            serve(Nursery(wishes_in, ends_out, births))
        finally:
            os._exit(70)
    os.close(wishes_in)
    os.close(ends_out)
    births.close()
    # In the place of the runner's pipes, with which the zygote alone speaks.
    for ours, place in ((wishes, 0), (ends, 1)):
        os.dup2(ours, place)
        os.close(ours)

    def tend(live: Live) -> NoReturn:
        forked = 0
        while wish := os.read(0, _WISH.size):
            kind, number = _WISH.unpack(wish)
            if kind != _FORK:
                os.write(1, _END.pack(_look(number) if kind == _LOOK else _collect(number)))
                continue
            forked += 1
            if os.fork() == 0:
                try:
                    _be_born(births_in, live, _FIRST_UID + forked % _UIDS, number)
                finally:
                    os._exit(70)
        os._exit(0)

    return tend


def _be_born(births: _socket.socket, live: Live, uid: int, tmp_mb: int) -> None:
    orders, answers, output, errors = (os.pipe() for _ in range(_PIPES))
    theirs = array.array("i", (orders[1], answers[0], output[0], errors[0]))
    birth = _BIRTH.pack(os.getpid(), uid, tmp_mb)
    births.sendmsg([birth], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, theirs)])
    live(uid, tmp_mb, (orders[0], answers[1], output[1], errors[1]))


def _look(pid: int) -> int:
    try:
        done, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return _UNKNOWN
    return status if done else _RUNNING


def _collect(pid: int) -> int:
    # Bounded, because a killed process that another one traces does not end before that one.
    for _ in range(_LOOKS):
        if not pid or _look(pid) != _RUNNING:
            break
        time.sleep(_BETWEEN_S)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    return _UNKNOWN
