"""Writes to the sandbox's own system. Contained: only the private /tmp and /dev/shm take files."""

import os


def run(items):
    written = []
    for folder in (
        "/",
        "/usr/bin",
        "/usr/lib/python3.11",
        "/etc",
        "/treadle",
        "/dev",
        "/run",
        "/var/tmp",
        "/proc/sys/kernel",
        "/layers",
        "/sys",
    ):
        path = folder + "/left"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
            written.append(path)
        except OSError:
            pass
    for path in ("/treadle/sandbox_runner/guest/zygote.py", "/usr/bin/python3.11"):
        try:
            os.close(os.open(path, os.O_WRONLY))
            written.append(path)
        except OSError:
            pass
    return [{"escaped": bool(written), "written": written}]
