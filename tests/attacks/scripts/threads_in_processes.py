"""Starts threads in many processes at once. Contained: threads count as processes do."""

import os
import threading
import time

EXPECT = {"ok", "too_many_processes", "out_of_memory", "cpu_limit", "timeout"}


def run(items):
    for _ in range(3):
        os.fork()
    started = 0
    try:
        for _ in range(40):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            started += 1
    except RuntimeError:
        time.sleep(0.2)
        raise
    return [{"escaped": started > 16, "started": started}]
