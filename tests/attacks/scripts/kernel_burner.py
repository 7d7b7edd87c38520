"""Burns time in the sandbox's kernel only. Contained: that counts as the run's own time."""

import mmap
import os

EXPECT = {"cpu_limit", "timeout"}


def run(items):
    for _ in range(3):
        os.fork()
    # Small enough for all eight processes: it is not memory that is to end them.
    area = mmap.mmap(-1, 2 << 20)
    zero = os.open("/dev/zero", os.O_RDONLY) if os.path.exists("/dev/zero") else -1
    while True:
        if zero >= 0:
            os.readv(zero, [area])
        os.getrandom(1 << 20)
        area.madvise(mmap.MADV_DONTNEED)
