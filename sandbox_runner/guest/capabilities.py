"""What a process of uid 0 of the sandbox may do beyond others: no more than its work takes."""

from __future__ import annotations

import struct

from sandbox_runner.guest import libc

_DAC_READ_SEARCH, _KILL, _SETGID, _SETUID, _SYS_ADMIN = 2, 5, 6, 7, 21
# To end job processes, and to count the files of folders that they closed to others.
OF_ZYGOTE = (_KILL, _DAC_READ_SEARCH)
# To give each job process its namespaces, file systems and uid.
OF_NURSERY = (_SYS_ADMIN, _SETUID, _SETGID)
_VERSION = 0x20080522


def keep(kept: tuple[int, ...]) -> None:
    """Give up all capabilities but these; raises OSError. See capset(2)."""
    bits = sum(1 << number for number in kept)
    # Effective, permitted and inheritable ones; the upper half of each follows.
    libc.call("capset", struct.pack("<Ii", _VERSION, 0), struct.pack("<6I", bits, bits, 0, 0, 0, 0))
