"""A job process: forked ahead of its job, stripped of every privilege, then waiting for it."""

from __future__ import annotations

import builtins
import ctypes
import gc
import io
import json
import os
import resource
import signal
import sys
import threading
from typing import Any

from sandbox_runner.guest import frames, printing, step
from sandbox_runner.guest.nursery import Live

ORDERS, ANSWERS = 3, 4
_LIBC = ctypes.CDLL(None, use_errno=True)
_UNSHARE, _MOUNT = _LIBC.unshare, _LIBC.mount
_NEW_MOUNT, _NEW_UTS, _NEW_IPC, _NEW_NET = 0x00020000, 0x04000000, 0x08000000, 0x40000000
_NOSUID_NODEV = 2 | 4
_BUILTINS = dict(vars(builtins))
_ENVIRONMENT = {"HOME": "/tmp", "TMPDIR": "/tmp", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
_DRESS_REHEARSAL = "def run(items):\n    print(items)\n    return [{**i} for i in items]\n"


def prepare() -> Live:
    """Do once, in the process that forks, what all job processes have in common."""
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    threading.stack_size(1 << 20)
    _rehearse()
    with open("/proc/self/statm") as sizes:
        space = int(sizes.read().split()[0]) * resource.getpagesize()

    def live(uid: int, tmp_mb: int, pipes: tuple[int, int, int, int]) -> None:
        _live(uid, tmp_mb, pipes, space)

    return live


def _live(uid: int, tmp_mb: int, pipes: tuple[int, int, int, int], space: int) -> None:
    _enter_namespaces(tmp_mb)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _arrange_descriptors(pipes)
    os.chdir("/tmp")
    _rehearse()
    _open_standard_streams()
    _work(space)


def _rehearse() -> None:
    """Touch the pages and caches that a job needs, while nobody waits for them."""
    sys.stdout = io.StringIO()
    step.perform(step.Step(_DRESS_REHEARSAL), {"items": [{"a": 1}]})


def _work(space: int) -> None:
    loaded: step.Step | None = None
    first = True
    while True:
        order = frames.read_order(ORDERS)
        if order is None:
            return
        limits = json.loads(order[0])
        if not limits["warm"]:
            os.close(ORDERS)
        if first:
            _limit(limits, space)
            _reseed()
        else:
            _open_standard_streams()
        first = False
        if limits["warm"]:
            _renew_cpu(limits["cpu_s"])
        loaded = _run(order[1], loaded)
        if not limits["warm"]:
            return
        _tidy()
        frames.write_all(ANSWERS, frames.packed(b""))


def _run(body_text: bytes, loaded: step.Step | None) -> step.Step | None:
    try:
        body = json.loads(body_text)
        if loaded is None:
            loaded = step.Step(body["code"])
        answer = b"V" + step.perform(loaded, body)
    except BaseException as error:
        answer = b"E" + step.failure(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
    frames.write_all(ANSWERS, frames.packed(answer))
    return loaded


def _enter_namespaces(tmp_mb: int) -> None:
    # All of them are the sandbox kernel's own; they vanish with the job's last process, so that
    # nothing it leaves in /tmp, shared memory or abstract sockets is ever seen by another job.
    if _UNSHARE(_NEW_MOUNT | _NEW_UTS | _NEW_IPC | _NEW_NET):
        raise OSError(ctypes.get_errno(), "unshare")
    os.setsid()
    mounts = ((b"/tmp", f"size={tmp_mb}m,mode=1777"), (b"/dev/shm", "size=16m,mode=1777"))
    for where, options in mounts:
        if _MOUNT(b"tmpfs", where, b"tmpfs", _NOSUID_NODEV, options.encode()):
            raise OSError(ctypes.get_errno(), f"mount {where.decode()}")


def _arrange_descriptors(pipes: tuple[int, int, int, int]) -> None:
    # Moved up first, so that no dup2 overwrites a pipe that is still to be placed.
    sources = (*pipes, os.open("/dev/null", os.O_RDONLY))
    moved = [os.dup2(pipe, 100 + place) for place, pipe in enumerate(sources)]
    orders, answers, output, errors, nothing = moved
    placed = ((nothing, 0), (output, 1), (errors, 2), (orders, ORDERS), (answers, ANSWERS))
    for source, place in placed:
        os.dup2(source, place, inheritable=place < ORDERS)
    os.closerange(5, 256)


def _open_standard_streams() -> None:
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = printing.open_output(1)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="replace")


def _limit(limits: dict[str, Any], own: int) -> None:
    seconds = int(limits["cpu_s"])
    hard = resource.RLIM_INFINITY if limits["warm"] else seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    space = own + (limits["memory_mb"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_NPROC, (limits["processes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["tmp_mb"] << 20,) * 2)


def _renew_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _reseed() -> None:
    # Forked siblings share the state of every generator that was imported before the fork.
    for name in ("random", "numpy.random"):
        module = sys.modules.get(name)
        if module is not None:
            module.seed()


def _tidy() -> None:
    """Undo, between two runs of a warm interpreter, everything but its globals."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    namespace = builtins.__dict__
    namespace.clear()
    namespace.update(_BUILTINS)
    os.chdir("/tmp")
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    _empty("/tmp")
    gc.collect(0)


def _empty(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
