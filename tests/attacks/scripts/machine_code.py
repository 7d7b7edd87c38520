"""Runs raw machine code: other gates to the kernel, ports, privileged instructions. Contained: a
signal, or the sandbox's own kernel answers; no file of the host opens by any gate."""

import ctypes
import mmap
import os
import struct

LOW = 0x40


def programs(path):
    address = struct.pack("<I", path)
    # open(path, O_RDONLY) by the gate of 32-bit programs, and by that of the x32 kind.
    yield "int 0x80", b"\xb8\x05\0\0\0\xbb" + address + b"\x31\xc9\x31\xd2\xcd\x80\xc3"
    yield "x32", b"\xb8\x02\0\0\x40\xbf" + address + b"\x31\xf6\x31\xd2\x0f\x05\xc3"
    yield "sysenter", b"\xb8\x05\0\0\0\xbb" + address + b"\x31\xc9\x0f\x34\xc3"
    yield "in", b"\x66\xba\x70\0\xec\x31\xc0\xc3"
    yield "cli", b"\xfa\x31\xc0\xc3"
    yield "hlt", b"\xf4\x31\xc0\xc3"
    yield "rdmsr", b"\xb9\x82\0\0\xc0\x0f\x32\x31\xc0\xc3"
    yield "mov cr0", b"\x0f\x20\xc0\x31\xc0\xc3"
    yield "lidt", b"\x0f\x01\x1c\x25" + address + b"\x31\xc0\xc3"
    yield "vmcall", b"\x0f\x01\xc1\x31\xc0\xc3"
    yield "wrgsbase far call", b"\x9a\0\0\0\0\x33\0\xc3"


def run(items):
    area = mmap.mmap(-1, 8192, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | LOW, 7)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    name = items[0]["paths"][0].encode() + b"\0"
    area[4096 : 4096 + len(name)] = name
    through, how = [], {}
    for title, code in programs(start + 4096):
        area[: len(code)] = code
        child = os.fork()
        if child == 0:
            answer = ctypes.CFUNCTYPE(ctypes.c_int)(start)()
            opens = title in ("int 0x80", "x32", "sysenter")
            seen = 0 <= answer < 1024 and opens and os.read(answer, 8) == b"a secret"
            os._exit(1 if seen else 0 if opens else 2)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        how[title] = status
        # An instruction that only a kernel may execute must not simply go through.
        if status == 1 or (status == 2 and title not in ("vmcall", "wrgsbase far call")):
            through.append(title)
    return [{"escaped": bool(through), "through": through, "how": how}]
