"""Denies job processes what the sandbox's kernel would let them do beyond their own run.

User namespaces, in which a process would be root and its limits others'; and the scheduling of
other processes, of which that kernel does not ask whose they are: it would last for later runs. A
seccomp filter of the sandbox's own kernel: set once, inherited by everybody who is forked.
"""

from __future__ import annotations

import errno
import struct

from sandbox_runner.guest import libc

_SET_SECCOMP, _FILTER = 22, 2
_CLONE, _UNSHARE, _CLONE3 = 56, 272, 435
_SET_PRIORITY, _SET_AFFINITY, _SET_IO_PRIORITY = 141, 203, 251
_SET_PARAMETER, _SET_SCHEDULER, _SET_ATTRIBUTES = 142, 144, 314
_NEW_USER = 0x10000000
_PROCESS, _IO_PROCESS = 0, 1
_X86_64 = 0xC000003E
# Where the number, the architecture and the arguments' lower halves stand in seccomp_data.
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_LOAD, _EQUAL, _HAS_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ANSWER = 0x7FFF0000, 0x00050000
_DENY = _ANSWER | errno.EPERM
# The process that calls, whoever that is; by its number it is denied to set itself, too.
_SELF = 0

_Operation = tuple[int, int, int, int]
"""(operation, value, how far to skip if true, if false), as in the BPF of seccomp(2)."""


def _program() -> list[_Operation]:
    program: list[_Operation] = [
        (_LOAD, _ARCHITECTURE, 0, 0),
        (_EQUAL, _X86_64, 1, 0),
        (_RETURN, _DENY, 0, 0),
        (_LOAD, _NUMBER, 0, 0),
        # Its flags are behind a pointer, unread here; libc goes on with clone where it is missing.
        *_if_called(_CLONE3, [(_RETURN, _ANSWER | errno.ENOSYS, 0, 0)]),
    ]
    for number in (_CLONE, _UNSHARE):
        program += _if_called(number, _allow_if((_FIRST, _HAS_BIT, _NEW_USER, False)))
    for number in (_SET_AFFINITY, _SET_PARAMETER, _SET_SCHEDULER, _SET_ATTRIBUTES):
        program += _if_called(number, _allow_if((_FIRST, _EQUAL, _SELF, True)))
    for number, whose in ((_SET_PRIORITY, _PROCESS), (_SET_IO_PRIORITY, _IO_PROCESS)):
        own = (_FIRST, _EQUAL, whose, True), (_SECOND, _EQUAL, _SELF, True)
        program += _if_called(number, _allow_if(*own))
    return [*program, (_RETURN, _ALLOW, 0, 0)]


def _if_called(number: int, block: list[_Operation]) -> list[_Operation]:
    """Do what follows for that system call, and go on behind it for all others."""
    return [(_EQUAL, number, 0, len(block)), *block]


def _allow_if(*conditions: tuple[int, int, int, bool]) -> list[_Operation]:
    """Allow a call whose arguments are so (place, test, value, outcome), and deny it if not."""
    block: list[_Operation] = []
    for left, (place, test, value, wanted) in enumerate(reversed(conditions)):
        away = 2 * left + 1  # Behind what allows it: to what denies it.
        skips = (0, away) if wanted else (away, 0)
        block = [(_LOAD, place, 0, 0), (test, value, *skips), *block]
    return [*block, (_RETURN, _ALLOW, 0, 0), (_RETURN, _DENY, 0, 0)]


def restrict() -> None:
    """Set the filter for this process and all that it forks; raises OSError."""
    operations = _program()
    program = bytearray()
    for operation, value, if_true, if_false in operations:
        program += struct.pack("<HBBI", operation, if_true, if_false, value)
    described = bytearray(struct.pack("<HxxxxxxQ", len(operations), libc.address_in(program)))
    libc.call("prctl", _SET_SECCOMP, _FILTER, libc.address_in(described), 0, 0)
