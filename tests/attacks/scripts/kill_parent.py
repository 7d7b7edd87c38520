"""Signals the zygote and everybody else. Contained: the zygote serves on, this run alone ends."""

import os
import signal


def run(items):
    sent = []
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV):
        for target in (1, -1):
            if target == -1 and number != signal.SIGTERM:
                continue
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            try:
                os.kill(target, number)
                sent.append([target, number])
            except OSError:
                pass
    return [{"escaped": any(target == 1 for target, _ in sent)}]
