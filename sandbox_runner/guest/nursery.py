"""The sandbox's first process: it forks job processes and does nothing else.

Under a sandbox kernel a fork is dear in proportion to what both sides write afterwards, so the
process that forks is not the one that serves: it wakes, forks, and sleeps again, while the zygote
carries frames. A newborn makes its own pipes, hands the zygote's ends over, and waits for its job.
"""

from __future__ import annotations

import _socket
import os
import struct

from sandbox_runner.guest import imports, jsontext
from sandbox_runner.guest.forking import ForkLoop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeAlias

    Ready: TypeAlias = Callable[[int], tuple[int, int, int, int]]
    """Tells the zygote that a newborn is ready, and returns the newborn's ends of its pipes.

    It takes the folder that only root may look into and that has the newborn's /tmp in it.
    """
    Live: TypeAlias = Callable[[int, int, Ready], None]
    """What a newborn does, by its uid and the size of its /tmp."""

# Far above the uids in use outside, which the zygote's pipes carry as their owner.
FIRST_UID, UIDS = 2_000_000_000, 100_000
BIRTH = struct.Struct("<III")
IMPORT = 3
PIPES = 4
HANDED_OVER = PIPES + 1


def tend(wishes: int, answers: int, births: _socket.socket, live: Live) -> NoReturn:
    """Fork as wished until nobody is left to wish; it never returns."""
    # In the place of the runner's pipes, with which the zygote alone speaks.
    os.dup2(wishes, 0)
    os.dup2(answers, 1)
    loop = ForkLoop(0, 1)
    while True:
        if loop.run():
            try:
                _be_born(births, live, loop.number())
            except BaseException:
                # Nothing to answer with yet: an empty birth says so.
                births.send(b"")
            finally:
                os._exit(70)
        elif loop.kind() == IMPORT:
            imports.load_standard(jsontext.loads(os.read(0, loop.number())))
            if len(os.listdir("/proc/self/task")) != 1:
                os._exit(5)  # A thread would not be there in what is forked.
        else:
            os._exit(0)


def _be_born(births: _socket.socket, live: Live, tmp_mb: int) -> None:
    pid = os.getpid()
    uid = FIRST_UID + pid % UIDS

    def ready(room: int) -> tuple[int, int, int, int]:
        orders, answers, output, errors = (os.pipe() for _ in range(PIPES))
        theirs = struct.pack("<5i", orders[1], answers[0], output[0], errors[0], room)
        births.sendmsg(
            [BIRTH.pack(pid, uid, tmp_mb)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, theirs)]
        )
        return orders[0], answers[1], output[1], errors[1]

    live(uid, tmp_mb, ready)
