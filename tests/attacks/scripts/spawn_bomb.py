"""Starts programs by vfork without end, from several threads. Contained: stopped at a limit."""

import os
import threading

EXPECT = {"too_many_processes", "out_of_memory", "cpu_limit", "timeout"}


def spawn():
    words = ["python3", "-I", "-S", "-c", "import time; time.sleep(60)"]
    while True:
        try:
            os.posix_spawn("/usr/bin/python3", words, {})
        except OSError:
            pass


def run(items):
    for _ in range(3):
        threading.Thread(target=spawn).start()
    spawn()
