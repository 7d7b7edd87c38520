"""Reads what /proc tells of every other process. Contained: no memory, environment or files."""

import os

TOLD = ("environ", "auxv", "maps", "smaps", "pagemap", "mem", "io", "stack", "syscall", "wchan")
LINKS = ("root", "cwd", "exe", "ns/mnt", "ns/net", "fd/0", "fd/1", "fd/3")


def told(folder):
    for name in TOLD:
        try:
            with open(f"{folder}/{name}", "rb") as file:
                if file.read(64).strip(b"0\0\n"):
                    yield f"{folder}/{name}"
        except OSError:
            pass
    for name in LINKS:
        try:
            os.stat(f"{folder}/{name}")
            if name in ("root", "cwd"):
                os.listdir(f"{folder}/{name}")
            os.readlink(f"{folder}/{name}")
            yield f"{folder}/{name}"
        except OSError:
            pass
    for name in ("fd", "fdinfo", "map_files"):
        try:
            if os.listdir(f"{folder}/{name}"):
                yield f"{folder}/{name}/"
        except OSError:
            pass


def run(items):
    seen = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            for thread in (f"/proc/{name}", f"/proc/{name}/task/{name}"):
                seen += told(thread)
    return [{"escaped": bool(seen), "seen": seen}]
