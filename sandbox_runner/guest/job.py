"""A job process: forked ahead of its job, stripped of every privilege, then waiting for it."""

from __future__ import annotations

import _locale
import _signal  # type: ignore[import-not-found]
import _thread
import builtins
import gc
import os
import resource
import sys
import time

from sandbox_runner.guest import frames, imports, jsontext, libc, printing, rehearsing, step
from sandbox_runner.guest.counting import ROOM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sandbox_runner.guest.nursery import Live, Ready

ORDERS, ANSWERS = 3, 4
# Where the nursery keeps /dev/null; it takes the places below, so that no pipe of a newborn is
# among those that they are to become.
NOTHING = 9
_LAST = 1024
_NEW_MOUNT, _NEW_UTS, _NEW_IPC, _NEW_NET = 0x00020000, 0x04000000, 0x08000000, 0x40000000
_NOSUID_NODEV = 2 | 4
_BIND = 4096
_BUILTINS = dict(vars(builtins))
_ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    # A thread more would only wait for the same processor, and could not be forked.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_REACHING = (
    *("import", "open", "exec", "eval", "compile", "input", "breakpoint", "ctx", "__"),
    # A pattern of a class looks attributes up whose names stand nowhere in the code.
    *("attr", "vars", "globals", "locals", "builtin", "frame", "match"),
    # With another name put into a generator's code, a function can be made that calls it.
    *("gi_code", "cr_code", "ag_code"),
)
_NO_MEMORY = b'{"message":"","type":"MemoryError","line":null,"traceback":"","kind":"memory"}'
_SMALL = 1 << 16
_UMASK, _SET_NAME = 0o077, 15
_TYPE, _SOCKET, _OWNER, _OTHERS = 0o170000, 0o140000, 0o700, 0o077
_EMPTY_FOLDER_SIZE = 40  # What the sandbox's kernel says of a folder without entries.


def prepare(folders: list[str]) -> Live:
    """Do once, in the process that forks, what all job processes have in common.

    ``folders`` get an empty file system of their own in each job.
    """
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGCHLD):
        _signal.signal(number, _signal.SIG_DFL)
    _thread.stack_size(1 << 20)
    rehearsing.rehearse(_run)
    streams = _Streams()
    with open("/proc/self/statm") as sizes:
        space = int(sizes.read().split()[0]) * resource.getpagesize()

    def live(uid: int, tmp_mb: int, ready: Ready) -> None:
        _enter_namespaces()
        room = _mount_tmp(tmp_mb)
        _mount("/dev/shm", "size=16m,mode=1777")
        for where in folders:
            _mount(where, f"size=256m,mode=0700,uid={uid},gid={uid}")
        pipes = ready(room)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        _arrange_descriptors(pipes)
        os.chdir("/tmp")
        rehearsing.rehearse(_run)
        # What sets limits is touched as well, by one that is the same already.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _reseed()
        streams.install()
        _work(space, streams)

    return live


class _Streams:
    """The standard streams, made while the descriptors are still somebody else's."""

    def __init__(self) -> None:
        self._made = _make_streams()

    def install(self) -> None:
        """Put them in place; ones that a run has closed are made anew."""
        if any(stream.closed for stream in self._made):
            self._made = _make_streams()
        sys.stdin, sys.stdout, sys.stderr = self._made


def _make_streams() -> tuple[Any, Any, Any]:
    return (
        open(0, closefd=False),
        printing.open_output(1),
        open(2, "w", buffering=1, closefd=False, errors="replace"),
    )


def _work(space: int, streams: _Streams) -> None:
    loaded: step.Step | None = None
    prepared = False
    tidy: _Order | None = None
    renewed = 0
    while True:
        order = frames.read_order(ORDERS)
        if order is None:
            return
        limits = jsontext.loads(order.header)
        if "import_s" in limits:
            _import_ahead(limits, space, streams)
            prepared = True
            continue
        if not limits["warm"]:
            os.close(ORDERS)
        if tidy is not None:
            streams.install()
        elif not prepared:
            _limit(limits, space)
        if limits["warm"]:
            tidy = tidy or _Order()
            renewed = _renew_cpu(limits["cpu_s"], renewed)
        else:
            seconds = int(time.process_time() + limits["cpu_s"])
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        loaded, last = _run(order, limits, loaded)
        if tidy is None or not tidy.is_brief(loaded) or len(last) > _SMALL:
            frames.write_all(ANSWERS, last)
            last = b""
        if tidy is None:
            return
        tidy.restore(loaded)
        frames.write_all(ANSWERS, last + frames.packed(b""))


def _import_ahead(limits: dict[str, Any], space: int, streams: _Streams) -> None:
    """Import a step's modules and say so; the run is the next order, and the only one."""
    seconds = int(limits["import_s"])
    # The run's own time comes on top, and what is allowed may only ever sink.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + int(limits["cpu_s"]) + 2))
    _limit(limits, space)
    imports.load(limits["ahead"])
    rehearsing.rehearse(_run)
    streams.install()
    frames.write_all(ANSWERS, frames.packed(b""))


def _run(
    order: frames.Order, limits: dict[str, Any], loaded: step.Step | None = None
) -> tuple[step.Step | None, bytes]:
    """Run an order; return the loaded code, and what of the answer has not been written yet."""
    code = ""
    grants = None
    try:
        body = jsontext.loads(order.body)
        code = body["code"]
        context = step.Context(body.get("context") or {})
        if limits["grants"]:
            from sandbox_runner.guest import grants as granted

            grants = granted.open_for(limits, order.files)
            context.lend(grants)
        if loaded is None:
            loaded = step.Step(code)
        answer = step.perform(loaded, body, context)
        pieces = grants.collect(answer) if grants else [frames.packed(answer)]
    except BaseException as error:
        pieces = [frames.packed(b"E" + _failure(error, code))]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
    if grants is None:
        return loaded, b"".join(pieces)
    for piece in pieces:
        frames.write_all(ANSWERS, piece)
    grants.close()
    return loaded, b""


def _failure(error: BaseException, code: str) -> bytes:
    """Describe an error, if need be in words that take no memory."""
    try:
        return step.failure(error, code)
    except MemoryError:
        return _NO_MEMORY


def _enter_namespaces() -> None:
    # All of them are the sandbox kernel's own; they vanish with the job's last process, so that
    # nothing it leaves in /tmp, shared memory or abstract sockets is ever seen by another job.
    libc.call("unshare", _NEW_MOUNT | _NEW_UTS | _NEW_IPC | _NEW_NET)
    os.setsid()


def _mount(where: str, options: str) -> None:
    """Mount an empty file system in memory."""
    libc.call("mount", b"tmpfs", where.encode(), b"tmpfs", _NOSUID_NODEV, options.encode())


def _mount_tmp(size_mb: int) -> int:
    """Mount the job's /tmp; return the folder that it is in, into which only root may look.

    Through that the zygote sees it. What anybody may open, a job could open in /proc, too, where
    the zygote has it open.
    """
    _mount("/tmp", f"size={size_mb}m,mode=0700")
    inner = f"/tmp/{ROOM}"
    os.mkdir(inner)
    os.chmod(inner, 0o1777)
    room = os.open("/tmp", os.O_RDONLY | os.O_DIRECTORY)
    libc.call("mount", inner.encode(), b"/tmp", b"", _BIND, 0)
    return room


def _arrange_descriptors(pipes: tuple[int, int, int, int]) -> None:
    orders, answers, output, errors = pipes
    for source, place in ((NOTHING, 0), (output, 1), (errors, 2)):
        os.dup2(source, place)
    for source, place in ((orders, ORDERS), (answers, ANSWERS)):
        os.dup2(source, place, inheritable=False)
    os.closerange(ANSWERS + 1, _LAST)


def _limit(limits: dict[str, Any], own: int) -> None:
    """Set a run's limits, but for its processor time."""
    largest = max(limits["tmp_mb"] << 20, limits["file_bytes"])
    for kind, value in (
        (resource.RLIMIT_AS, own + (limits["memory_mb"] << 20)),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
    ):
        resource.setrlimit(kind, (value, value))


def _renew_cpu(seconds: float, before: int) -> int:
    """Allow so many seconds from now on; return the bound, which was another one before."""
    soft = int(time.process_time() + seconds) + 1
    if soft != before:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    return soft


def _reseed() -> None:
    # Forked siblings share the state of the generator, if it was imported before the fork.
    module = sys.modules.get("random")
    if module is not None:
        module.seed()


class _Order:
    """What a warm interpreter is put back to between two runs: everything but its globals."""

    def __init__(self) -> None:
        self._handlers = {number: _signal.getsignal(number) for number in _signal.valid_signals()}
        lists: tuple[list[Any], ...] = (sys.path, sys.meta_path, sys.path_hooks)
        self._lists = [(each, list(each)) for each in lists]
        self._zone = time.tzname
        self._locale = _locale.setlocale(_locale.LC_ALL, None)
        self._depth = sys.getrecursionlimit()
        self._seen: step.Step | None = None
        self._brief = False
        self._processors = os.sched_getaffinity(0)
        self._pipes = [os.fstat(number).st_ino for number in (1, 2)]

    def is_brief(self, loaded: step.Step | None) -> bool:
        """Whether there is little to put back: code like that cannot reach its process."""
        if loaded is None:
            return False
        if self._seen is not loaded:
            self._seen, self._brief = loaded, not _reaches(loaded.code)
        return self._brief

    def restore(self, loaded: step.Step | None) -> None:
        """Put back what can be; raises OSError for what cannot, and the interpreter is let go."""
        namespace = builtins.__dict__
        if namespace != _BUILTINS:
            namespace.clear()
            namespace.update(_BUILTINS)
        self._restore_interpreter()
        if not self.is_brief(loaded):
            self._restore_process()
        gc.collect(0)

    def _restore_process(self) -> None:
        for timer in (_signal.ITIMER_REAL, _signal.ITIMER_VIRTUAL, _signal.ITIMER_PROF):
            _signal.setitimer(timer, 0)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
        for number, handler in self._handlers.items():
            if _signal.getsignal(number) is not handler:
                _signal.signal(number, handler)
        os.chdir("/tmp")
        os.umask(_UMASK)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        libc.function(libc.address_of("prctl"))(_SET_NAME, b"python3", 0, 0, 0)
        _keep_from_others()
        os.environ.clear()
        os.environ.update(_ENVIRONMENT)
        if time.tzname != self._zone:
            time.tzset()
        for folder in ("/tmp", "/dev/shm"):
            if os.stat(folder).st_size != _EMPTY_FOLDER_SIZE:
                _empty(folder)
        if os.getpriority(os.PRIO_PROCESS, 0) != 0:
            os.setpriority(os.PRIO_PROCESS, 0, 0)
        if os.sched_getaffinity(0) != self._processors:
            os.sched_setaffinity(0, self._processors)
        if [os.fstat(number).st_ino for number in (1, 2)] != self._pipes:
            raise OSError("the standard output is another one")

    def _restore_interpreter(self) -> None:
        for each, first in self._lists:
            each[:] = first
        sys.setrecursionlimit(self._depth)
        sys.settrace(None)
        sys.setprofile(None)
        sys.excepthook, sys.displayhook = sys.__excepthook__, sys.__displayhook__
        if _locale.setlocale(_locale.LC_ALL, None) != self._locale:
            _locale.setlocale(_locale.LC_ALL, self._locale)


def _keep_from_others() -> None:
    """Let no other job open what stays open here: in /proc it could, as far as the mode allows."""
    own = os.getuid()
    for name in os.listdir("/proc/self/fd"):
        if int(name) <= ANSWERS:
            continue
        try:
            status = os.fstat(int(name))
        except OSError:
            continue  # It was for the listing.
        is_socket = status.st_mode & _TYPE == _SOCKET
        if status.st_uid == own and status.st_mode & _OTHERS and not is_socket:
            os.fchmod(int(name), status.st_mode & _OWNER)


def _reaches(code: str) -> bool:
    """Say whether code might reach the process that it runs in; with none of these words, never.

    Python takes letters of many kinds for the same name, so only plain ones are read here.
    """
    return not code.isascii() or any(word in code for word in _REACHING)


def _empty(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            _empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
