"""Changes all that a process is besides its memory. Contained: the next run begins as the first."""

import ctypes
import locale
import os
import resource
import signal
import sys
import time

AGAIN = True


def state():
    os.umask(mask := os.umask(0))
    return {
        "umask": mask,
        "folder": os.getcwd(),
        "environment": sorted(os.environ),
        "shared memory": os.listdir("/dev/shm"),
        "temporary": os.listdir("/tmp"),
        "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd") if int(n) < 64)[:5],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "handled": str([signal.getsignal(n) for n in (2, 10, 13, 14, 15, 17, 26)]),
        "timers": [signal.getitimer(which)[1] > 0 for which in range(3)],
        "locale": locale.setlocale(locale.LC_ALL, None),
        "zone": time.tzname,
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "depth": sys.getrecursionlimit(),
        "name": open("/proc/self/comm").read(),
        "finders": len(sys.meta_path),
        "path": len(sys.path),
        "traced": [sys.gettrace() is not None, sys.getprofile() is not None],
        "hooks": [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__],
        "output": os.readlink("/proc/self/fd/1") == "/dev/null",
    }


def change():
    libc = ctypes.CDLL(None, use_errno=True)
    os.umask(0o777)
    os.environ.update(TZ="Asia/Tokyo", LEFT="yes")
    time.tzset()
    with open(os.open("/dev/shm/left", os.O_CREAT | os.O_WRONLY, 0o666), "w") as file:
        file.write("left")
    os.open("/dev/null", os.O_RDONLY)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGTERM})
    for number in (2, 10, 14, 15, 17, 26):
        signal.signal(number, signal.SIG_IGN)
    for which in range(3):
        signal.setitimer(which, 50, 50)
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    os.sched_setaffinity(0, {0})
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    sys.setrecursionlimit(90)
    sys.meta_path.append(None)
    sys.path.append("/tmp")
    sys.excepthook = sys.displayhook = print
    libc.prctl(15, b"renamed", 0, 0, 0)
    os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
    os.chdir("/")


def run(items):
    now = {name: repr(value) for name, value in state().items()}
    first = items[0].get("told", {}).get("state", now)
    changed = {name: now[name] for name in now if now[name] != first[name]}
    change()
    return [{"escaped": bool(changed), "changed": changed, "state": now}]
