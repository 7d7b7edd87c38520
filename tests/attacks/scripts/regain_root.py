"""Takes back root and capabilities. Contained: the run stays the nobody that it is."""

import ctypes
import os
from pathlib import Path


def run(items):
    regained = []
    for attempt in (
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: os.setuid(10001),
        lambda: os.chroot("/tmp"),
        lambda: os.chown("/tmp", 0, 0),
    ):
        try:
            attempt()
            regained.append(True)
        except OSError:
            pass
    status = Path("/proc/self/status").read_text()
    effective = [line for line in status.splitlines() if line.startswith("CapEff")]
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    full = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    capset = libc.capset(header, full)
    powerful = any(int(line.split()[1], 16) for line in effective)
    return [{"escaped": bool(regained) or powerful or capset == 0, "status": effective}]
