"""Forks without end. Contained: the run ends with an outcome, and its processes are gone."""

import os
import time

EXPECT = {"too_many_processes", "out_of_memory", "cpu_limit", "timeout"}


def run(items):
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)
