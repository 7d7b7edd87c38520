"""Searches its memory for what an earlier run held. Contained: no byte of it was inherited."""

import contextlib
import ctypes
import os

LEAVE = """
kept = []
def run(items):
    word = "".join(reversed("drow terces a fo eceip a si siht"))
    kept.extend(f"{word} {n}" for n in range(5000))
    print(word * 20)
    return [{"said": word * 1000}]
"""


class Piece(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def read(start, size):
    """Copy own memory by the kernel, which refuses holes where a read would crash."""
    copy = ctypes.create_string_buffer(size)
    here, there = Piece(ctypes.addressof(copy), size), Piece(start, size)
    call = ctypes.CDLL(None).process_vm_readv
    done = call(os.getpid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return copy.raw[: max(done, 0)]


def run(items):
    needle = b"drow terces a fo eceip"
    with open("/proc/self/maps") as file:
        areas = [line.split() for line in file]
    found = []
    for words in areas:
        start, end = (int(part, 16) for part in words[0].split("-"))
        if not words[1].startswith("r") or end - start > 64 << 20:
            continue
        for place in range(start, end, 1 << 20):
            with contextlib.suppress(OSError, OverflowError):
                data = read(place, min(1 << 20, end - place))
                if needle in data[::-1]:
                    found.append(hex(place))
    return [{"escaped": bool(found), "found": found}]
