"""Kills and stops all it may, itself included. Contained: that is its own run, nothing more."""

import os
import signal
import time

EXPECT = {"user_error", "timeout"}
EACH = ["kill", "stop", "group"]


def run(items):
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(30)
    if items[0]["each"] == "group":
        os.killpg(0, signal.SIGKILL)
    number = signal.SIGKILL if items[0]["each"] == "kill" else signal.SIGSTOP
    os.kill(-1, number)
    os.kill(os.getpid(), number)
    return []
