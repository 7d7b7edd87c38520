"""Makes every system call with rubbish. Contained: whatever they do, they do it to itself."""

import ctypes
import os
import signal
import time

EXPECT = {
    "ok",
    "user_error",
    "timeout",
    "cpu_limit",
    "out_of_memory",
    "too_many_processes",
    "output_too_large",
}
ENDS = {15, 34, 58, 60, 231, 219}
RUBBISH = (
    (0, 0, 0, 0, 0, 0),
    (-1, -1, -1, -1, -1, -1),
    (1, 1 << 20, 1 << 12, 3, 7, 1),
    (4, 0x7FFF00000000, 65536, 1 << 62, -(1 << 63), 0),
)


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = [n for n in (*range(0, 336), *range(424, 463), 1000, 1 << 30) if n not in ENDS]
    until = time.monotonic() + 2
    for first in range(0, len(numbers), 16):
        child = os.fork()
        if child == 0:
            os.closerange(0, 8)
            os.setpgid(0, 0)
            signal.alarm(1)
            for number in numbers[first : first + 16]:
                for words in RUBBISH:
                    libc.syscall(number, *(ctypes.c_long(word) for word in words))
            os._exit(0)
        while not os.waitpid(child, os.WNOHANG)[0] and time.monotonic() < until:
            time.sleep(0.005)
    return [{"escaped": False}]
