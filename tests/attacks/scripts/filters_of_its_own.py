"""Filters its own system calls, with a listener. Contained: it blinds itself, nobody else."""

import ctypes
import struct

EXPECT = {"ok", "user_error", "timeout"}
EACH = ["everything fails", "everything kills", "somebody is asked"]
ANSWERS = {"everything fails": 0x00050001, "everything kills": 0x80000000}
ANSWERS["somebody is asked"] = 0x7FC00000


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    way = items[0]["each"]
    code = ctypes.create_string_buffer(struct.pack("<HBBI", 6, 0, 0, ANSWERS[way]))
    program = struct.pack("<HxxxxxxQ", 1, ctypes.addressof(code))
    flags = 8 if way == "somebody is asked" else 0
    libc.syscall(317, 1, flags, program)
    return [{"escaped": False}]
