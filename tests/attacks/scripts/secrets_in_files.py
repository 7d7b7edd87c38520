"""Searches every readable file for the host's secrets and names. Contained: none holds one."""

import contextlib
import os

SKIPPED = ("/usr/lib/python3.11", "/usr/lib/x86_64-linux-gnu", "/usr/share/zoneinfo", "/tmp")


def run(items):
    fact = items[0]
    needles = [fact["secret_backwards"], fact["token_backwards"], fact["data_backwards"]]
    needles = [needle.encode() for needle in needles]
    found, searched = [], 0
    for folder, folders, files in os.walk("/"):
        if folder.startswith(SKIPPED):
            folders.clear()
            continue
        if folder == "/proc":
            folders[:] = [name for name in folders if name != str(os.getpid())]
        for name in files:
            path = os.path.join(folder, name)
            if name in ("kmsg", "mem", "clear_refs") or not os.access(path, os.R_OK):
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                try:
                    backwards = os.read(descriptor, 1 << 18)[::-1]
                finally:
                    os.close(descriptor)
                searched += 1
                found += [path for needle in needles if needle in backwards]
    return [{"escaped": bool(found) or searched < 20, "found": found, "searched": searched}]
