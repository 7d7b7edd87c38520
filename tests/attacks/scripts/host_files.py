"""Reads files of the host. Contained: none of the paths outside the sandbox's own root opens."""

import contextlib
import glob
from pathlib import Path


def run(items):
    wanted = [*items[0]["paths"], "/etc/shadow", "/root/.bashrc", "/proc/1/root/etc/shadow"]
    wanted += [f"/proc/self/root/..{path}" for path in items[0]["paths"]]
    wanted += glob.glob("/proc/[0-9]*/root" + items[0]["paths"][0])
    opened = []
    for path in wanted:
        with contextlib.suppress(OSError):
            opened.append([path, Path(path).read_bytes()[:20].decode("latin1")])
    return [{"escaped": bool(opened), "seen": opened}]
