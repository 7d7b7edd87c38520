"""Makes zombies as fast as it can, some with a parent that dies. Contained: bounded, then buried."""

import os

EXPECT = {"ok", "too_many_processes", "cpu_limit", "timeout"}


def run(items):
    made = 0
    try:
        for _ in range(300):
            if os.fork() == 0:
                if os.fork() == 0:
                    os._exit(0)
                os._exit(0)
            made += 1
    except OSError:
        pass
    return [{"escaped": made > 64, "made": made}]
