"""Reads what /proc tells of every other process. Contained: no memory, no files, no secret.

The sandbox's kernel lets everybody see the environment and the layout of processes, so there is
nothing in them but what every run has.
"""

import os

MEMORY = ("pagemap", "mem", "stack", "syscall")
FOLDERS = ("root", "cwd", "map_files")
OWN = {"PATH", "HOME", "LANG", "MALLOC_ARENA_MAX", "MALLOC_TOP_PAD_", "LD_BIND_NOW"}
OWN |= {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}


def told(folder):
    for name in MEMORY:
        try:
            with open(f"{folder}/{name}", "rb") as file:
                if file.read(64).strip(b"0\0\n"):
                    yield f"{folder}/{name}"
        except OSError:
            pass
    for name in FOLDERS:
        try:
            os.listdir(f"{folder}/{name}")
            yield f"{folder}/{name}"
        except OSError:
            pass
    try:
        with open(f"{folder}/environ", "rb") as file:
            names = {one.partition(b"=")[0].decode() for one in file.read().split(b"\0") if one}
        if not names <= OWN:
            yield f"{folder}/environ {sorted(names - OWN)}"
    except OSError:
        pass


def run(items):
    seen = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            for thread in (f"/proc/{name}", f"/proc/{name}/task/{name}"):
                seen += told(thread)
    return [{"escaped": bool(seen), "seen": seen}]
