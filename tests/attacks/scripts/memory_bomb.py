"""Takes memory in pieces, in several processes. Contained: out of memory, or of processes."""

import os
import time

EXPECT = {"out_of_memory", "cpu_limit", "too_many_processes"}


def run(items):
    for _ in range(10):
        os.fork()
    held = []
    try:
        while True:
            held.append(bytes([1]) * (8 << 20))
    except MemoryError:
        time.sleep(30)
