"""Takes memory that is no process's own. Contained: the bound from outside counts every page."""

import ctypes
import mmap
import os
import time

EXPECT = {"ok", "out_of_memory", "cpu_limit", "timeout", "user_error"}
EACH = ["shared", "memfd", "hidden tmpfs", "shm", "page tables", "small mappings"]


def take(way):
    libc = ctypes.CDLL(None, use_errno=True)
    if way in ("hidden tmpfs", "shm"):
        if way == "hidden tmpfs":
            libc.unshare(0x10000000 | 0x00020000)
            os.makedirs("/tmp/hidden", exist_ok=True)
            libc.mount(b"none", b"/tmp/hidden", b"tmpfs", 0, None)
        folder = "/tmp/hidden" if way == "hidden tmpfs" else "/dev/shm"
        for number in range(200):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(8 << 20))
            yield 8
    held = []
    for _ in range(200):
        if way == "shared":
            area = mmap.mmap(-1, 8 << 20)
            area[::4096] = bytes(len(area) // 4096)
        elif way == "memfd":
            area = os.memfd_create("x")
            os.write(area, bytes(8 << 20))
        elif way == "page tables":
            area = mmap.mmap(-1, 8 << 20)
            area[:: 1 << 21] = bytes(4)
        else:
            area = [mmap.mmap(-1, 4096, prot=1 + 2 * (n % 2)) for n in range(100)]
        held.append(area)
        yield 8 if way in ("shared", "memfd") else 0


def run(items):
    taken = 0
    for _ in range(3):
        os.fork()
    try:
        for size in take(items[0]["each"]):
            taken += size
    except (OSError, MemoryError):
        time.sleep(0.2)
    return [{"escaped": taken > 400, "mb": taken}]
