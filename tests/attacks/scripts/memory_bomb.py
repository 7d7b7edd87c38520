"""Takes memory in pieces, in several processes. Contained: out of memory, and nothing else."""

import os
import time

EXPECT = {"out_of_memory", "cpu_limit"}


def run(items):
    for _ in range(10):
        os.fork()
    held = []
    try:
        while True:
            held.append(bytes([1]) * (8 << 20))
    except MemoryError:
        time.sleep(30)
