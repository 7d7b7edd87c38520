"""Looks for control groups to leave them or to be called as root. Contained: there are none."""

import ctypes
import os
from pathlib import Path


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    groups = Path("/proc/self/cgroup")
    if groups.exists() and "treadle" in groups.read_text():
        found.append("the host's names")
    libc.unshare(0x10000000 | 0x00020000 | 0x02000000)
    os.makedirs("/tmp/groups", exist_ok=True)
    for kind, options in ((b"cgroup", b"memory"), (b"cgroup", b"rdma"), (b"cgroup2", None)):
        if libc.mount(b"none", b"/tmp/groups", kind, 0, options) == 0:
            for path in Path("/tmp/groups").rglob("*"):
                if path.name == "release_agent" or "treadle" in path.name:
                    found.append(str(path))
            libc.umount2(b"/tmp/groups", 2)
    for path in ("/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            Path(path).write_text("/tmp/agent")
            found.append(path)
        except OSError:
            pass
    return [{"escaped": bool(found), "found": found}]
