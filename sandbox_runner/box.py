"""One sandbox from start to removal: it serves one workspace, one run at a time."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from layers import jsontext
from layers.log import logger
from sandbox_runner import cgroups, processes
from sandbox_runner.bundle import write_bundle
from sandbox_runner.channel import Channel, Gone, Spoilt
from sandbox_runner.control_group import Group, NoGroup
from sandbox_runner.egress.broker import Broker, Door
from sandbox_runner.egress.destinations import NOWHERE
from sandbox_runner.egress.visits import Visit
from sandbox_runner.kinds import PLAIN, Bind, Kind
from sandbox_runner.limits import Limits
from sandbox_runner.order import Order
from sandbox_runner.runsc import Runsc

OnLog = Callable[[str, bytes], None]

_log = logger("runner")
_START_S = 30.0
_GRACE_S = 1.0
_CPU_LOOK_S = 0.25
# What a sandbox needs beside the job: its kernel, the file server, the zygote, a standby process.
OVERHEAD_MB = 96
# What it may hold between runs: more, and an earlier run's memory would be a later one's want.
_MOST_HELD_MB = 88
_MOST_HELD_WARM_MB = 512
_SLACK_MB = 48
# Limits follow what is held in steps, since to set them takes longer than to leave them.
_STEP_MB = 32
# Some processes that have imported their packages wait for their runs.
_MOST_HELD_LAYER_MB, _LAYER_MB = 1024, 256
_HOST_PIDS = 512
# The sandbox's kernel ends what stood for processes of a run a little after them; with too many of
# those left the next run could not have its own.
_MOST_LEFT_PIDS = 256
# A run that takes longer than this gets out of the way of others that have just begun.
_LONG_S = 0.05
_USUAL_WEIGHT, _LONG_WEIGHT = 1.0, 0.25
# With any weight at all a process holds the processor for a while before others get it, and a
# step changes processes dozens of times. So while somebody has short runs, all else gets only what
# everybody leaves, and nobody waits for it.
_LAST = 0.0
# A start that takes longer than this was left too little: one that somebody waits for, another.
_HASTE_S, _LEISURE_S = 0.5, 3.0
# What part of the processors all long runs together keep while others have short ones.
_COURTEOUS, _LEAST_CPUS = 0.1, 0.02
# How often to look whether a sandbox is gone, 2 ms apart, and how many times out of others' way.
_REMOVAL_LOOKS, _LEISURELY_LOOKS = 2500, 250
# What part of them a start may have that somebody waits for.
_URGENT = 0.5


@dataclass(frozen=True)
class Site:
    """What all sandboxes of a runner share."""

    runsc: Runsc
    rootfs: Path
    guest: Path
    boxes: Path
    state: Path
    groups: cgroups.Cgroups
    cpus: float
    broker: Broker
    certificates: Path


@dataclass
class Ended:
    """How a run ended, in the guest's words and in what the outside saw."""

    why: str
    answer: bytes = b""
    logs: list[tuple[str, bytearray]] = field(default_factory=list)
    cut: bool = False
    signal: int | None = None
    code: int | None = None
    seconds: float = 0.0
    cpu_s: float | None = None
    peak_memory_mb: float | None = None
    hosts: list[dict[str, Any]] = field(default_factory=list)


# How a run can have ended by the guest's word; what else there is, is seen from outside.
_GUEST_SAYS = ("answer", "exit", "timeout", "files", "flood", "output")


class Box:
    """A sandbox with its zygote; make one with ``Box.start``."""

    def __init__(self, site: Site, kind: Kind = PLAIN) -> None:
        self.site = site
        self.kind = kind
        self.id = "b" + secrets.token_hex(8)
        self.folder = site.boxes / self.id
        self.workspace: str | None = None
        self.warm: dict[str, None] = {}
        self.on_log: OnLog | None = None
        self.runs = 0
        self.idle_since = time.monotonic()
        self.dead = False
        self._held_mb = 0.0
        self._limited: tuple[int, int] | None = None
        self._weight = _USUAL_WEIGHT
        self._refusals = 0, 0
        self.heavy = False
        self.used_s = 0.0
        self._imports = False
        self._cpu_seen: float | None = None
        self._is_long = False
        self._look_at: asyncio.TimerHandle | None = None
        self._courteous_until = 0.0
        self._lift: asyncio.TimerHandle | None = None
        self._courteous = 1.0
        self._cpus = 0.0
        self._door: Door | None = None
        self._failure: str | None = None
        self._group: Group = NoGroup()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._killing: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, site: Site, kind: Kind = PLAIN, *, urgent: bool = True) -> Box:
        """Start a sandbox and wait until it is ready; raises Gone, leaving nothing behind.

        One that is not ``urgent`` gets out of the way of everything else, at first.
        """
        box = cls(site, kind)
        loop = asyncio.get_running_loop()
        hurry = loop.call_later(_HASTE_S if urgent else _LEISURE_S, box._hurry)
        try:
            box.folder.mkdir(mode=0o700)
            if kind.network is not None:
                kind = await box._open_door()
            box._launch(kind, site.cpus * (_URGENT if urgent else _COURTEOUS))
            async with asyncio.timeout(_START_S):
                await box.ready()
        except BaseException as error:
            said = box._last_words()
            await box.kill()
            if isinstance(error, TimeoutError):
                raise Gone(f"no sandbox was ready within {_START_S:g} s. {said}") from error
            if isinstance(error, Gone | OSError):
                raise Gone(f"{error}. {said}") from error
            raise
        finally:
            hurry.cancel()
        return box

    async def _open_door(self) -> Kind:
        """Make the way out; return the kind with the folder in which the sandbox finds it."""
        folder = self.folder / "net"
        folder.mkdir()
        folder.chmod(0o755)
        if self.site.certificates.is_file():
            shutil.copyfile(self.site.certificates, folder / "certificates.pem")
            (folder / "certificates.pem").chmod(0o644)
        self._door = await self.site.broker.open_door(folder)
        return replace(self.kind, binds=(*self.kind.binds, Bind(folder, "/run")))

    @property
    def alive(self) -> bool:
        """Whether it can still serve, as far as is known."""
        return not self.dead and self._pipe().open

    def _launch(self, kind: Kind, cpus: float) -> None:
        self._group = self.site.groups.make(self.id)
        # The janitor of the next runner finds the groups by this file, should this one be killed.
        folders = self._group.folders()
        (self.folder / "groups.json").write_text(jsontext.dumps([str(f) for f in folders]))
        write_bundle(self.folder, self.site.rootfs, self.site.guest, kind)
        # Somebody's run may want the processors more than this start does.
        self._cpus = cpus
        self._group.limit(Limits().memory_mb + OVERHEAD_MB, _HOST_PIDS, cpus)
        self._weigh(_LAST)
        (self.folder / "stderr").touch(mode=0o600)
        with (self.folder / "stderr").open("wb") as errors:
            joins = [folder / "cgroup.procs" for folder in folders]
            process = self.site.runsc.start(
                self.id, self.folder, joins, errors, sockets=kind.network is not None
            )
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise Gone("runsc was started without pipes")
        self._channel = Channel(process.stdout.fileno(), process.stdin.fileno())

    def _hurry(self) -> None:
        """Start as fast as can be without keeping somebody's run from the processors."""
        self._weigh(_LONG_WEIGHT)
        self._allow_cpus(self.site.cpus * _URGENT)

    async def ready(self) -> None:
        """Wait until the zygote can take the next order; raises Gone."""
        tag, _ = await self._pipe().frame()
        if tag != b"R":
            raise Gone(f"the sandbox said {tag!r} where it should be ready")

    async def settle(self) -> bool:
        """Wait until it is ready for another run; say whether it is as good as new. Raises Gone."""
        await self.ready()
        self._weigh_between_runs()
        most = self._most_held_mb()
        for _ in range(20):
            if not self._is_crowded():
                break
            await asyncio.sleep(0.05)
        else:
            return False
        if self._was_refused_processes():
            return False
        # Most often little enough is used, and what of it is cached need not be known.
        self._held_mb = self._group.used_memory_mb() or 0.0
        for _ in range(3):
            if self._held_mb > most:
                self._held_mb = self._group.held_memory_mb() or 0.0
            if self._held_mb <= most:
                return self.alive
            await asyncio.sleep(0.05)  # The sandbox's kernel gives memory back a little later.
        return False

    def settle_at_once(self) -> bool:
        """Do what ``settle`` does if nothing has to be waited for; say whether it was done."""
        if self.dead or not self._pipe().next_is(b"R"):
            return False
        held = self._group.used_memory_mb() or 0.0
        if held > self._most_held_mb() or self._is_crowded() or self._was_refused_processes():
            return False
        self._pipe().skip()
        self._weigh_between_runs()
        self._held_mb = held
        return True

    def _weigh_between_runs(self) -> None:
        """Have it import for its next run as one whose run takes long, which this may."""
        if self._imports:
            self._weigh(_LONG_WEIGHT)

    def _is_crowded(self) -> bool:
        return self._group.processes() > _MOST_LEFT_PIDS

    def _was_refused_processes(self) -> bool:
        # Its kernel does not outlive that for long.
        return self._group.out_of_processes() > self._refusals[1]

    def _most_held_mb(self) -> int:
        if self.kind.binds:
            return _MOST_HELD_LAYER_MB
        return _MOST_HELD_WARM_MB if self.warm else _MOST_HELD_MB

    async def run(self, order: Order) -> Ended:
        """Run one order to its end; a sandbox that broke, or had to be broken, is dead after."""
        self.runs += 1
        self._limit(order)
        visit = self._admit(order)
        cpu_before = self._group.cpu_seconds() or 0.0
        # What was refused to earlier runs is not this one's doing.
        self._refusals = self._group.out_of_memory(), self._group.out_of_processes()
        ended = Ended("gone")
        started = time.perf_counter()
        try:
            with self._timers(order.limits, cpu_before):
                await self._pipe().send(order.header(visit), order.body, order.content)
                await self._collect(ended, order)
        except Gone as error:
            ended.why = self._failure or ("spoilt" if isinstance(error, Spoilt) else "gone")
            self.dead = True
            _log.info("sandbox %s is discarded: %s (%s)", self.id, ended.why, error)
        finally:
            if self._door is not None:
                ended.hosts = await self._door.dismiss()
        ended.seconds = time.perf_counter() - started
        if (cpu_after := self._group.cpu_seconds()) is not None:
            ended.cpu_s = self.used_s = cpu_after - cpu_before
            if self._imports and self._cpu_seen is not None:
                # What it imported for this run, before it, is the workspace's use, too.
                self.used_s = cpu_after - self._cpu_seen
            self._cpu_seen = cpu_after
            self._imports = bool(order.ahead)
        ended.peak_memory_mb = self._group.peak_memory_mb()
        if ended.why in ("gone", "exit", "timeout"):
            self._explain(ended)
        if order.warm_key is not None:
            self.warm.pop(order.warm_key, None)
            self.warm[order.warm_key] = None
        return ended

    def _limit(self, order: Order) -> None:
        limits = order.limits
        files_mb = 2 * (len(order.content) >> 20)
        if order.files is not None:
            files_mb += limits.file_bytes >> 20
        held = -(-int(self._held_mb) // _STEP_MB) * _STEP_MB
        overhead = max(OVERHEAD_MB, held + _SLACK_MB)
        if self.kind.binds:
            overhead += _LAYER_MB
        memory_mb = limits.memory_mb + limits.tmp_mb + files_mb + overhead
        wanted = memory_mb, _HOST_PIDS + 2 * limits.processes
        if wanted == self._limited:
            self._group.forget_peak()
        else:
            self._cpus = self.site.cpus
            self._group.limit(*wanted, self._cpus)
            self._limited = wanted
        self._is_long = self.heavy
        if self.heavy:
            self._give_way()
        else:
            self._weigh(_USUAL_WEIGHT)
            self._allow_cpus(self.site.cpus)

    @property
    def is_long(self) -> bool:
        """Whether its run has taken long, or is of a workspace whose runs have."""
        return self._is_long

    def give_way(self, seconds: float, among: int = 1) -> None:
        """Let others go first for a while, once this run has taken long.

        ``among`` so many long runs is shared what is left to them.
        """
        self._courteous = _COURTEOUS / max(1, among)
        until = asyncio.get_running_loop().time() + seconds
        self._courteous_until = max(self._courteous_until, until)
        self._give_way()

    def _become_long(self) -> None:
        self._is_long = True
        self._give_way()

    def _give_way(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._is_long or self.dead:
            return
        if loop.time() >= self._courteous_until:
            self._weigh(_LONG_WEIGHT)
            return
        self._weigh(_LAST)
        self._allow_cpus(max(_LEAST_CPUS, self.site.cpus * self._courteous))
        if self._lift is None:
            self._lift = loop.call_at(self._courteous_until, self._go_on)

    def _tidy_up(self) -> None:
        """Leave others their part while what a long run has left is being removed, too."""
        if self._is_long and self._lift is not None:
            self._allow_cpus(self.site.cpus * _COURTEOUS)
        self._is_long = False

    def _go_on(self) -> None:
        """Use the processors as before, unless others want to be let go first still."""
        loop = asyncio.get_running_loop()
        self._lift = None
        if loop.time() < self._courteous_until:
            self._lift = loop.call_at(self._courteous_until, self._go_on)
        else:
            self._allow_cpus(self.site.cpus)
            if self._weight == _LAST:
                self._weigh(_LONG_WEIGHT)

    def _allow_cpus(self, cpus: float) -> None:
        if cpus != self._cpus:
            self._group.allow_cpus(cpus)
            self._cpus = cpus

    def _weigh(self, weight: float) -> None:
        if weight != self._weight:
            self._group.weigh(weight)
            self._weight = weight

    def _admit(self, order: Order) -> Visit | None:
        if self._door is None:
            if not order.credentials:
                return None
            return Visit(NOWHERE, order.credentials, self.site.broker.caps)
        return self._door.admit(order.destinations or NOWHERE, order.credentials)

    @contextlib.contextmanager
    def _timers(self, limits: Limits, cpu_before: float) -> Iterator[None]:
        """Watch the time and the processor from outside, whatever the guest says of them."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.timeout_s + _GRACE_S

        def look() -> None:
            used = (self._group.cpu_seconds() or 0.0) - cpu_before
            if used > limits.cpu_s + _GRACE_S:
                self.break_off("cpu")
            left = deadline - loop.time()
            if left <= 0:
                self.break_off("timeout")
            self._look_at = loop.call_later(max(0.0, min(left, _CPU_LOOK_S)), look)

        def become_long() -> None:
            self._become_long()
            self._look_at = loop.call_later(_CPU_LOOK_S - _LONG_S, look)

        # One timer, because most runs have ended before it is due.
        self._look_at = loop.call_later(_LONG_S, become_long)
        try:
            yield
        finally:
            self._look_at.cancel()
            self._tidy_up()

    async def _collect(self, ended: Ended, order: Order) -> None:
        answer = bytearray()
        logged = 0
        streams = {b"O": "stdout", b"E": "stderr"}
        while True:
            tag, payload = await self._pipe().frame()
            if tag == b"V":
                answer += payload
                if len(answer) > order.most_answer_bytes:
                    self.break_off("output")
            elif tag in streams:
                logged += len(payload)
                if logged > order.limits.log_bytes:
                    self.break_off("flood")
                    continue
                self._hear(ended, streams[tag], payload)
            elif tag == b"X":
                self._read_end(payload, ended)
                ended.answer = bytes(answer)
                return
            else:
                raise Spoilt(f"the sandbox said {tag!r} during a run")

    def _hear(self, ended: Ended, stream: str, payload: bytes) -> None:
        if self.on_log is not None:
            self.on_log(stream, payload)
        if ended.logs and ended.logs[-1][0] == stream:
            ended.logs[-1][1].extend(payload)
        else:
            ended.logs.append((stream, bytearray(payload)))

    def _read_end(self, payload: bytes, ended: Ended) -> None:
        try:
            end = jsontext.loads(payload)
            why, ended.cut = end["why"], bool(end["cut"])
            ended.signal, ended.code = end["signal"], end["code"]
        except (jsontext.InvalidJson, TypeError, KeyError) as error:
            raise Spoilt("the sandbox's last frame is not readable") from error
        numbers = [one for one in (ended.signal, ended.code) if one is not None]
        if why not in _GUEST_SAYS or any(type(one) is not int for one in numbers):
            ended.signal = ended.code = None
            raise Spoilt(f"the sandbox said that the run ended by {str(why)[:40]!r}")
        ended.why = why

    def _explain(self, ended: Ended) -> None:
        if self._failure is None or self._failure == "timeout":
            if self._group.out_of_memory() > self._refusals[0]:
                ended.why = "memory"
            elif ended.why == "gone" and self._was_refused_processes():
                ended.why = "processes"

    def break_off(self, why: str) -> None:
        """Give this sandbox up at once: its run ends for that reason, all in it is killed."""
        if self._failure is None and not self.dead:
            self._failure = why
            self.dead = True
            cgroups.kill_in(self._group.folders())
            if self._process is not None and not self._group.folders():
                processes.kill_named(self.id)
            self._pipe().fail(why)

    async def kill(self) -> None:
        """Kill everything that belongs to this sandbox and remove its traces; safe to repeat."""
        if self._killing is None:
            self._killing = asyncio.create_task(self._remove())
        await asyncio.shield(self._killing)

    async def _remove(self) -> None:
        self.dead = True
        folders = self._group.folders()
        process = self._process
        for look in range(_REMOVAL_LOOKS):
            if look == _LEISURELY_LOOKS:
                # Those that are to end need a processor for it, which others may not leave them.
                self._weigh(_USUAL_WEIGHT)
                self._allow_cpus(self.site.cpus)
            found = cgroups.kill_in(folders) if folders else processes.kill_named(self.id)
            ended = process is None or process.poll() is not None
            if ended and not found and cgroups.drop(folders):
                break
            await asyncio.sleep(0.002)
        else:
            _log.error("sandbox %s could not be removed entirely", self.id)
        self._group.close()
        if self._channel is not None:
            self._channel.fail("the sandbox was removed")
        if process is not None and process.stdin is not None and process.stdout is not None:
            process.stdin.close()
            process.stdout.close()
        if self._door is not None:
            await self._door.close()
        for path in self.site.state.glob(f"*{self.id}*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pipe(self) -> Channel:
        if self._channel is None:
            raise Gone("the sandbox was never started")
        return self._channel

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "stderr").read_bytes()[-500:].decode(errors="replace").strip()
        return ""
