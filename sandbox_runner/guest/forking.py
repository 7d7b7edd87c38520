"""Forks processes, and buries them, while Python itself stands still.

A fork copies what either side writes to afterwards, under a sandbox's kernel in pieces of up to
2 MB. A loop of Python in the process that forks writes to a piece of everything; these forty
instructions write to one page. They run in the nursery, trusted no more than all else in here.
"""

from __future__ import annotations

import mmap

from sandbox_runner.guest import libc

FORK, WAIT = 1, 2
WISH_BYTES = 8
_CODE_BYTES = _STATE_BYTES = 4096
_KIND, _NUMBER = 16, 20

# The state, by offset: 0 the address of libc's _Fork, 8 the descriptor that wishes come from,
# 12 the one that answers go to, 16 a wish's kind, 20 its number, 24 and 28 wait4's two results.
_LOOP = bytes.fromhex(
    "53"  # push rbx
    "4889fb"  # mov rbx, rdi                 the state
    # next:
    "31c0"  # xor eax, eax                   read(wishes, state+16, 8)
    "8b7b08"  # mov edi, [rbx+8]
    "488d7310"  # lea rsi, [rbx+16]
    "ba08000000"  # mov edx, 8
    "0f05"  # syscall
    "4883f808"  # cmp rax, 8
    "754b"  # jne out
    "8b4310"  # mov eax, [rbx+16]
    "83f801"  # cmp eax, FORK
    "7434"  # je fork
    "83f802"  # cmp eax, WAIT
    "753e"  # jne out
    "b83d000000"  # mov eax, 61              wait4(number, state+28, WNOHANG, NULL)
    "48637b14"  # movsxd rdi, [rbx+20]
    "488d731c"  # lea rsi, [rbx+28]
    "ba01000000"  # mov edx, 1
    "4531d2"  # xor r10d, r10d
    "0f05"  # syscall
    "894318"  # mov [rbx+24], eax
    "b801000000"  # mov eax, 1               write(answers, state+24, 8)
    "8b7b0c"  # mov edi, [rbx+12]
    "488d7318"  # lea rsi, [rbx+24]
    "ba08000000"  # mov edx, 8
    "0f05"  # syscall
    "ebae"  # jmp next
    # fork:
    "ff13"  # call [rbx]
    "85c0"  # test eax, eax
    "7809"  # js out
    "75a6"  # jnz next
    "b801000000"  # mov eax, 1               the child goes back to Python
    "5b"  # pop rbx
    "c3"  # ret
    # out:
    "31c0"  # xor eax, eax                   any other wish, the end, or no fork: so does this one
    "5b"  # pop rbx
    "c3"  # ret
)


class ForkLoop:
    """The loop, on descriptors to read wishes from and to write the results of waits to."""

    def __init__(self, wishes: int, answers: int) -> None:
        size = _CODE_BYTES + _STATE_BYTES
        everything = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        self._memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, everything)
        self._memory[: len(_LOOP)] = _LOOP
        self._write(0, libc.address_of("_Fork").to_bytes(8, "little"))
        self._write(8, wishes.to_bytes(4, "little") + answers.to_bytes(4, "little"))
        code = libc.address_in(self._memory)
        self._state = code + _CODE_BYTES
        self._run = libc.function(code)
        self._reborn = libc.function(libc.address_of("PyOS_AfterFork_Child"))

    def run(self) -> bool:
        """Fork and bury as wished; True in each child, False here at the end or another wish."""
        self._write(_KIND, bytes(4))
        born = bool(self._run(self._state))
        if born:
            self._reborn()
        return born

    def kind(self) -> int:
        """The kind of the last wish, 0 where nobody is left to wish."""
        return self._field(_KIND)

    def number(self) -> int:
        """The number of the last wish."""
        return self._field(_NUMBER)

    def _write(self, offset: int, data: bytes) -> None:
        start = _CODE_BYTES + offset
        self._memory[start : start + len(data)] = data

    def _field(self, offset: int) -> int:
        start = _CODE_BYTES + offset
        return int.from_bytes(self._memory[start : start + 4], "little", signed=True)
