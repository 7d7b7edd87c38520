"""Signals every process, thread and group by every call. Contained: only its own ones feel it."""

import contextlib
import ctypes
import os
import signal


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    sent = []
    information = ctypes.create_string_buffer(128)
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        pid = int(name)
        for number in (0, signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT, 34, 64):
            calls = {
                "kill": (62, pid, number),
                "tkill": (200, pid, number),
                "tgkill": (234, pid, pid, number),
                "queue": (129, pid, number, information),
                "queue to thread": (297, pid, pid, number, information),
            }
            for title, words in calls.items():
                if libc.syscall(*words) == 0:
                    sent.append([title, pid, int(number)])
        for group in {os.getpgid(pid), os.getsid(pid)}:
            if group > 0 and group != os.getpgrp():
                with contextlib.suppress(OSError):
                    os.killpg(group, signal.SIGKILL)
                    sent.append(["group", group])
    return [{"escaped": bool(sent), "sent": sent}]
