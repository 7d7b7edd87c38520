"""One sandbox from start to removal: it serves one workspace, one run at a time."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import time
from dataclasses import replace

from layers import jsontext
from layers.log import logger
from sandbox_runner import cgroups, processes
from sandbox_runner.bundle import write_bundle
from sandbox_runner.channel import Channel, Gone, Spoilt
from sandbox_runner.control_group import Group, NoGroup
from sandbox_runner.egress.broker import Door
from sandbox_runner.ended import Ended, OnLog, collect
from sandbox_runner.kinds import PLAIN, Bind, Kind
from sandbox_runner.limits import Limits
from sandbox_runner.memory_share import OVERHEAD_MB, limit_mb, most_held_mb
from sandbox_runner.order import Order
from sandbox_runner.processor_share import ProcessorShare
from sandbox_runner.site import Site
from sandbox_runner.watch import watched

_log = logger("runner")
_START_S = 30.0
_HOST_PIDS = 512
# The sandbox's kernel ends what stood for processes of a run a little after them; with too many of
# those left the next run could not have its own.
_MOST_LEFT_PIDS = 256
# A start that takes longer than this was left too little: one that somebody waits for, another.
_HASTE_S, _LEISURE_S = 0.5, 3.0
# How often to look whether a sandbox is gone, 2 ms apart, and how many times out of others' way.
_REMOVAL_LOOKS, _LEISURELY_LOOKS = 2500, 250


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
        self._refusals = 0, 0
        self.share = ProcessorShare(site.cpus, lambda: self._group)
        self.used_s = 0.0
        self._imports = False
        self._cpu_seen: float | None = None
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
        hurry = loop.call_later(_HASTE_S if urgent else _LEISURE_S, box.share.hurry)
        try:
            box.folder.mkdir(mode=0o700)
            if kind.network is not None:
                kind = await box._open_door()
            box._launch(kind, urgent=urgent)
            async with asyncio.timeout(_START_S):
                await box.ready()
        except BaseException as error:
            said = site.last_words(box.id)
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
        self.site.copy_certificates(folder)
        self._door = await self.site.broker.open_door(folder)
        return replace(self.kind, binds=(*self.kind.binds, Bind(folder, "/run")))

    @property
    def alive(self) -> bool:
        """Whether it can still serve, as far as is known."""
        return not self.dead and self._pipe().open

    def _launch(self, kind: Kind, *, urgent: bool) -> None:
        self._group = self.site.groups.make(self.id)
        # The janitor of the next runner finds the groups by this file, should this one be killed.
        folders = self._group.folders()
        (self.folder / "groups.json").write_text(jsontext.dumps([str(f) for f in folders]))
        write_bundle(self.folder, self.site.rootfs, self.site.guest, kind)
        # Somebody's run may want the processors more than this start does.
        cpus = self.share.begin(urgent=urgent)
        self._group.limit(Limits().memory_mb + OVERHEAD_MB, _HOST_PIDS, cpus)
        self.share.come_last()
        joins = [folder / "cgroup.procs" for folder in folders]
        process = self.site.launch(self.id, joins, sockets=kind.network is not None)
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise Gone("runsc was started without pipes")
        self._channel = Channel(process.stdout.fileno(), process.stdin.fileno())

    async def ready(self) -> None:
        """Wait until the zygote can take the next order; raises Gone."""
        tag, _ = await self._pipe().frame()
        if tag != b"R":
            raise Gone(f"the sandbox said {tag!r} where it should be ready")

    async def settle(self) -> bool:
        """Wait until it is ready for another run; say whether it is as good as new. Raises Gone."""
        await self.ready()
        self.share.rest(imports=self._imports)
        most = most_held_mb(self.kind, warm=bool(self.warm))
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
        if held > most_held_mb(self.kind, warm=bool(self.warm)):
            return False
        if self._is_crowded() or self._was_refused_processes():
            return False
        self._pipe().skip()
        self.share.rest(imports=self._imports)
        self._held_mb = held
        return True

    def _is_crowded(self) -> bool:
        return self._group.processes() > _MOST_LEFT_PIDS

    def _was_refused_processes(self) -> bool:
        # Its kernel does not outlive that for long.
        return self._group.out_of_processes() > self._refusals[1]

    async def run(self, order: Order) -> Ended:
        """Run one order to its end; a sandbox that broke, or had to be broken, is dead after."""
        self.runs += 1
        self._limit(order)
        session = self.site.admit(self._door, order)
        cpu_before = self._group.cpu_seconds() or 0.0
        # What was refused to earlier runs is not this one's doing.
        self._refusals = self._group.out_of_memory(), self._group.out_of_processes()
        ended = Ended("gone")
        started = time.perf_counter()
        try:
            with watched(self._group, order.limits, self.share, self.break_off):
                await self._pipe().send(order.header(session), order.body, order.content)
                await collect(self._pipe(), order, ended, self.on_log, self.break_off)
        except Gone as error:
            ended.why = self._failure or ("spoilt" if isinstance(error, Spoilt) else "gone")
            self._die()
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
        memory_mb = limit_mb(self.kind, order, self._held_mb)
        wanted = memory_mb, _HOST_PIDS + 2 * order.limits.processes
        if wanted == self._limited:
            self._group.forget_peak()
        else:
            self._group.limit(*wanted, self.share.reset())
            self._limited = wanted
        self.share.begin_run()

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
            self._die()
            cgroups.kill_in(self._group.folders())
            if self._process is not None and not self._group.folders():
                processes.kill_named(self.id)
            self._pipe().fail(why)

    def _die(self) -> None:
        self.dead = True
        self.share.end()

    async def kill(self) -> None:
        """Kill everything that belongs to this sandbox and remove its traces; safe to repeat."""
        if self._killing is None:
            self._killing = asyncio.create_task(self._remove())
        await asyncio.shield(self._killing)

    async def _remove(self) -> None:
        self._die()
        folders = self._group.folders()
        process = self._process
        for look in range(_REMOVAL_LOOKS):
            if look == _LEISURELY_LOOKS:
                # Those that are to end need a processor for it, which others may not leave them.
                self.share.use_all()
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
        self.site.forget(self.id)

    def _pipe(self) -> Channel:
        if self._channel is None:
            raise Gone("the sandbox was never started")
        return self._channel
