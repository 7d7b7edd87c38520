"""Looks everywhere for an earlier run's files. Contained: none is left, in no place, for nobody."""

import os

LEAVE = """
import os
def run(items):
    written = []
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/dev", "/layers", "/treadle", "/"):
        for name in ("treadle-left-behind", ".treadle-left-behind", "\\u202etreadle-left-behind"):
            try:
                with open(f"{folder}/{name}", "w") as file:
                    file.write("left")
                os.link(f"{folder}/{name}", f"{folder}/{name}.link")
                os.symlink("/proc/self/root", f"{folder}/{name}.symlink")
                written.append(folder)
            except OSError:
                pass
    if os.fork() == 0:
        os.setsid()
        held = [open(f"{folder}/treadle-left-behind") for folder in set(written)]
        os.chdir("/tmp")
        while True:
            os.read(held[0].fileno(), 1) or os.sched_yield()
    return [{"written": written}]
"""


def places():
    yield from ("/tmp", "/dev/shm", "/var/tmp", "/run", "/dev", "/layers", "/treadle", "/")
    for name in os.listdir("/proc"):
        if name.isdigit():
            for way in ("root/tmp", "root/dev/shm", "cwd", "root/var/tmp", "fd"):
                yield f"/proc/{name}/{way}"


def run(items):
    found = []
    for place in places():
        try:
            found += [f"{place}/{name}" for name in os.listdir(place) if "left-behind" in name]
            if place.endswith("/fd"):
                for name in os.listdir(place):
                    if "left-behind" in os.readlink(f"{place}/{name}"):
                        found.append(f"{place}/{name}")
        except OSError:
            pass
    return [{"escaped": bool(found), "found": found}]
