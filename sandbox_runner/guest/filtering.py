"""Denies job processes user namespaces, in which a process would be root and its limits others'.

A seccomp filter of the sandbox's own kernel: set once, inherited by everybody who is forked.
"""

from __future__ import annotations

import errno
import struct

from sandbox_runner.guest import libc

_SET_SECCOMP, _FILTER = 22, 2
_CLONE, _UNSHARE, _CLONE3 = 56, 272, 435
_NEW_USER = 0x10000000
_X86_64 = 0xC000003E
# Where the number, the architecture and the first argument stand in seccomp_data.
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_LOAD, _EQUAL, _HAS_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ANSWER = 0x7FFF0000, 0x00050000

# (operation, value, how far to skip if true, if false), as in the BPF of seccomp(2).
_PROGRAM = (
    (_LOAD, _ARCHITECTURE, 0, 0),
    (_EQUAL, _X86_64, 0, 7),
    (_LOAD, _NUMBER, 0, 0),
    (_EQUAL, _CLONE3, 6, 0),
    (_EQUAL, _CLONE, 1, 0),
    (_EQUAL, _UNSHARE, 0, 2),
    (_LOAD, _ARGUMENT, 0, 0),
    (_HAS_BIT, _NEW_USER, 1, 0),
    (_RETURN, _ALLOW, 0, 0),
    (_RETURN, _ANSWER | errno.EPERM, 0, 0),
    # Its flags are behind a pointer, unread here; libc goes on with clone where it is missing.
    (_RETURN, _ANSWER | errno.ENOSYS, 0, 0),
)


def deny_user_namespaces() -> None:
    """Set the filter for this process and all that it forks; raises OSError."""
    program = bytearray()
    for operation, value, if_true, if_false in _PROGRAM:
        program += struct.pack("<HBBI", operation, if_true, if_false, value)
    described = bytearray(struct.pack("<HxxxxxxQ", len(_PROGRAM), libc.address_in(program)))
    libc.call("prctl", _SET_SECCOMP, _FILTER, libc.address_in(described), 0, 0)
