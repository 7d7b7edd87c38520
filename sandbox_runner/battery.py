"""A short battery of attacks that the runner makes on its own sandbox before it serves anybody.

Each is a step's code that returns ``[{"broke": […]}]``: what it was able to do and must not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox_runner.limits import Limits
from sandbox_runner.wire import Outcome


@dataclass(frozen=True)
class Attack:
    """Code, and the outcomes besides an ``ok`` with nothing broken that mean containment."""

    name: str
    code: str
    limits: Limits = field(default_factory=Limits)
    ends: frozenset[Outcome] = frozenset()
    must_end: bool = False
    """Only such an outcome means containment: to return at all is too much."""


_ENVIRONMENT = """
import os

def run(items):
    texts = [" ".join(f"{k}={v}" for k, v in os.environ.items())]
    for name in [n for n in os.listdir("/proc") if n.isdigit()] + ["self"]:
        for what in ("environ", "cmdline"):
            try:
                with open(f"/proc/{name}/{what}", "rb") as file:
                    texts.append(file.read().decode("utf-8", "replace"))
            except OSError:
                pass
    words = ("TREADLE", "TOKEN", "SECRET", "DATABASE")
    return [{"broke": [word for word in words if any(word in text for text in texts)]}]
"""

_OTHERS = """
import ctypes, os, signal

def run(items):
    libc = ctypes.CDLL(None)
    broke = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/mem", "rb"):
                broke.append(f"opened the memory of {name}")
        except OSError:
            pass
        try:
            os.kill(int(name), signal.SIGCONT)
            broke.append(f"signalled {name}")
        except OSError:
            pass
        if libc.ptrace(16, int(name), 0, 0) == 0:
            broke.append(f"traced {name}")
    return [{"broke": broke}]
"""

_NETWORK = """
import socket

def run(items):
    broke = []
    port = items[0]["port"]
    for host, port in (
        ("127.0.0.1", port), ("::1", port), ("169.254.169.254", 80), ("10.0.0.1", 80),
        ("1.1.1.1", 53),
    ):
        try:
            socket.create_connection((host, port), 0.2).close()
            broke.append(f"reached {host}:{port}")
        except OSError:
            pass
    for kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW, 1)):
        try:
            socket.socket(*kind).close()
            broke.append(f"opened a raw socket {kind}")
        except OSError:
            pass
    return [{"broke": broke}]
"""

_RIGHTS = """
import ctypes, os

def run(items):
    libc = ctypes.CDLL(None)
    broke = []
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(("CapEff", "CapPrm")) and int(line.split()[1], 16):
                broke.append(line.strip())
    for name, attempt in (
        ("setuid", lambda: os.setuid(0)),
        ("setgid", lambda: os.setgid(0)),
        ("chroot", lambda: os.chroot("/tmp")),
        ("a disk", lambda: (os.mknod("/tmp/disk", 0o60600, 2048), open("/tmp/disk", "rb"))),
        ("a memory device", lambda: (os.mknod("/tmp/mem", 0o20600, 257), open("/tmp/mem", "rb"))),
        ("/dev/mem", lambda: open("/dev/mem", "rb")),
        ("/treadle", lambda: open("/treadle/mine", "w")),
        ("/usr", lambda: open("/usr/mine", "w")),
    ):
        try:
            attempt()
            broke.append(name)
        except OSError:
            pass
    if libc.mount(b"proc", b"/tmp", b"proc", 0, None) == 0:
        broke.append("mount")
    if libc.sethostname(b"mine", 4) == 0:
        broke.append("sethostname")
    return [{"broke": broke}]
"""

_FORGE = """
import os, struct

def run(items):
    said = b'{"why": "answer", "cut": false, "signal": null, "code": null}'
    frames = b"".join(
        tag + struct.pack("<I", len(text)) + text
        for tag, text in ((b"V", b'V[{"forged": true}]'), (b"X", said), (b"R", b"{}"))
    )
    opened = []
    nothing = os.stat("/dev/null").st_rdev
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            for number in range(12):
                try:
                    descriptor = os.open(f"/proc/{name}/fd/{number}", os.O_WRONLY)
                    os.write(descriptor, frames)
                    if os.fstat(descriptor).st_rdev != nothing:
                        opened.append(f"/proc/{name}/fd/{number}")
                    os.close(descriptor)
                except OSError:
                    pass
    for number in (0, *range(5, 64)):
        try:
            os.write(number, frames)
            opened.append(f"descriptor {number}")
        except OSError:
            pass
    return [{"broke": opened}]
"""

_LEAVE = """
import ctypes, os, time

def run(items):
    for path in ("/tmp/left", "/dev/shm/left"):
        try:
            with open(path, "w") as file:
                file.write("left")
        except OSError:
            pass
    ctypes.CDLL(None).prctl(15, b"left", 0, 0, 0)
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    return [{"broke": []}]
"""

_FIND = """
import os

def run(items):
    broke = [p for p in ("/tmp/left", "/dev/shm/left") if os.path.exists(p)]
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/comm") as file:
                called = file.read().strip()
        except OSError:
            continue
        # By its name: those that stand by for later runs are older than this one, or younger.
        if called == "left":
            broke.append(f"process {name} of an earlier run")
    return [{"broke": broke}]
"""

_FLOOD = """
import os, time

def run(items):
    made = 0
    try:
        for _ in range(200):
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            made += 1
    except OSError:
        pass
    return [{"broke": [f"{made} processes"] if made > 16 else []}]
"""

_HUNGER = """
def run(items):
    taken = []
    for _ in range(64):
        taken.append(b"x" * (16 << 20))
    return [{"broke": [f"{len(taken) * 16} MB"]}]
"""

_FOREVER = """
def run(items):
    while True:
        pass
"""

ATTACKS = (
    Attack("reading the host's environment", _ENVIRONMENT),
    Attack("reading and tracing other processes", _OTHERS),
    Attack("reaching a network", _NETWORK),
    Attack("using rights of root", _RIGHTS),
    Attack("forging what the sandbox says", _FORGE, ends=frozenset({Outcome.USER_ERROR})),
    Attack("leaving things behind", _LEAVE),
    Attack("finding what an earlier run left", _FIND),
    Attack(
        "a flood of processes",
        _FLOOD,
        Limits(processes=8),
        ends=frozenset({Outcome.TOO_MANY_PROCESSES}),
    ),
    Attack(
        "taking all memory",
        _HUNGER,
        Limits(memory_mb=64),
        ends=frozenset({Outcome.OUT_OF_MEMORY}),
        must_end=True,
    ),
    Attack(
        "running forever",
        _FOREVER,
        Limits(timeout_s=0.1),
        ends=frozenset({Outcome.TIMEOUT}),
        must_end=True,
    ),
)
