"""Sets the clock. Contained: refused."""

import time


def run(items):
    try:
        time.clock_settime(time.CLOCK_REALTIME, 0)
        escaped = True
    except OSError:
        escaped = False
    return [{"escaped": escaped or time.time() < 10**9}]
