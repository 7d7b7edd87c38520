"""Looks at every descriptor it was born with. Contained: its own pipes and /dev/null, no more."""

import fcntl
import os
import stat


def run(items):
    strange = []
    for number in range(1024):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISFIFO(status.st_mode) and number < 5:
            continue
        if stat.S_ISCHR(status.st_mode) and status.st_rdev == os.stat("/dev/null").st_rdev:
            continue
        strange.append([number, oct(status.st_mode), os.readlink(f"/proc/self/fd/{number}")])
        for attempt in (fcntl.F_DUPFD, fcntl.F_GETFL):
            strange[-1].append(fcntl.fcntl(number, attempt))
    return [{"escaped": bool(strange), "strange": strange}]
