"""Ignores every signal and loops. Contained: ended by the hard limit all the same."""

import contextlib
import signal

EXPECT = {"cpu_limit", "timeout"}


def run(items):
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
