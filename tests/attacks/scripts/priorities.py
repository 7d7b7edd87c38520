"""Asks for a better place in every queue. Contained: refused, or without any effect on others."""

import ctypes
import os
import struct


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    gained = []
    for policy in (1, 2, 6):
        if libc.sched_setscheduler(0, policy, struct.pack("i", 50)) == 0:
            gained.append(f"policy {policy}")
    attributes = struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**7, 10**8, 10**8)
    if libc.syscall(314, 0, attributes, 0) == 0:
        gained.append("deadline")
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            pid = int(name)
            limit = struct.pack("QQ", 1, 1)
            if libc.prlimit(pid, 7, limit, None) == 0:
                gained.append([pid, "limits"])
    return [{"escaped": bool(gained), "gained": gained}]
