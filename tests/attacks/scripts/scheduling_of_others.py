"""Sets all that a kernel keeps of a process, of others, of groups and of users. Contained: refused,
and a later run has the priority, the processors and the limits that the first one had.
"""

import ctypes
import os
import struct

AGAIN = True
PARAMETER = struct.pack("i", 0)
# (name, number of the system call, arguments; PID stands for the other process)
PID = object()
CALLS = (
    ("setpriority", 141, 0, PID, 19),
    ("setpriority of a group", 141, 1, PID, 19),
    ("setpriority of a group, its own", 141, 1, 0, 19),
    ("setpriority of a user", 141, 2, 0, 19),
    ("sched_setparam", 142, PID, PARAMETER),
    ("sched_setscheduler", 144, PID, 3, PARAMETER),
    ("sched_setaffinity", 203, PID, 8, struct.pack("Q", 1)),
    ("ioprio_set", 251, 1, PID, 3 << 13),
    ("ioprio_set of a group", 251, 2, 0, 3 << 13),
    ("ioprio_set of a user", 251, 3, 0, 3 << 13),
    ("sched_setattr", 314, PID, struct.pack("IIQiIQQQ", 48, 3, 0, 19, 0, 0, 0, 0), 0),
    ("prlimit", 302, PID, 7, struct.pack("QQ", 16, 16), None),
    ("setpgid", 109, PID, 0),
    ("pidfd_open", 434, PID, 0),
    ("kcmp", 312, PID, PID, 0, 0, 0),
    ("process_madvise", 440, PID, None, 0, 20, 0),
    ("process_mrelease", 448, PID, 0),
    ("move_pages", 279, PID, 0, None, None, None, 0),
    ("migrate_pages", 256, PID, 1, struct.pack("Q", 1), struct.pack("Q", 1)),
    ("perf_event_open", 298, struct.pack("II112x", 1, 120), PID, -1, -1, 0),
)
FILES = (
    *("oom_score_adj", "oom_adj", "comm", "timerslack_ns", "clear_refs", "coredump_filter"),
    *("autogroup", "sched", "uid_map", "gid_map", "setgroups", "loginuid", "attr/current"),
)


def own_state():
    return {
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)),
    }


def others():
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            yield int(name)


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    state = own_state()
    changed = state != items[0].get("told", {}).get("state", state)
    did = []
    for pid in others():
        for name, *call in CALLS:
            arguments = [pid if one is PID else one for one in call]
            longs = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
            if libc.syscall(*longs) >= 0:
                did.append([name, pid])
        for name in FILES:
            try:
                with open(f"/proc/{pid}/{name}", "w") as file:
                    file.write("1")
                did.append([name, pid])
            except OSError:
                continue
    # Of itself it may.
    os.setpriority(os.PRIO_PROCESS, 0, 5)
    os.sched_setaffinity(0, {0})
    return [{"escaped": changed or bool(did), "did": did, "changed": changed, "state": state}]
