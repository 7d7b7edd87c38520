"""Makes files far larger than the disk. Contained: holes cost nothing, and reading them ends."""

import contextlib
import mmap
import os

EXPECT = {"ok", "cpu_limit", "timeout", "user_error", "out_of_memory"}


def run(items):
    largest = 0
    for size in (1 << 24, 1 << 30, 1 << 40, 1 << 50, (1 << 63) - 1):
        with contextlib.suppress(OSError):
            with open(f"/tmp/hole{size.bit_length()}", "wb") as file:
                os.truncate(file.fileno(), size)
                os.posix_fallocate(file.fileno(), 0, size)
                largest = max(largest, size)
    with contextlib.suppress(OSError, ValueError):
        with open("/tmp/hole25", "r+b") as file:
            area = mmap.mmap(file.fileno(), 1 << 24)
            os.truncate(file.fileno(), 4096)
            if os.fork() == 0:
                area[1 << 20]
                os._exit(0)
            os.wait()
    with contextlib.suppress(OSError):
        for number in range(500):
            os.truncate(os.open(f"/tmp/s{number}", os.O_CREAT | os.O_RDWR), 1 << 24)
            with open(f"/tmp/s{number}", "rb") as file:
                file.seek(-1, 2)
                file.read(1)
    return [{"escaped": largest > 1 << 34, "largest": largest}]
