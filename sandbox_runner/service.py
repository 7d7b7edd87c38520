"""The runner's life: prepare, probe, serve, and on the way out remove every sandbox."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from enum import StrEnum

from layers.errors import SetupError
from layers.log import logger
from layers.settings.runner import RunnerSettings
from sandbox_runner import janitor, selftest
from sandbox_runner.box import Box
from sandbox_runner.cgroups import Cgroups, find_cgroups
from sandbox_runner.channel import Gone
from sandbox_runner.egress.broker import Broker
from sandbox_runner.kinds import Kind
from sandbox_runner.packages.builder import Builder
from sandbox_runner.packages.layers import Layers
from sandbox_runner.packages.locks import Locks
from sandbox_runner.pool import Pool
from sandbox_runner.probe import Unsafe, probe
from sandbox_runner.runs import Runs
from sandbox_runner.runsc import find_runsc
from sandbox_runner.site import Site

_log = logger("runner")
_TRY_AGAIN_S = 15.0
# So often a sandbox may end before it has proved anything, until runs are refused.
_AT_ONCE = 3


class State(StrEnum):
    """Whether code is run, and if not, why."""

    STARTING = "starting"
    READY = "ready"
    REFUSING = "refusing"
    STOPPING = "stopping"


class Service:
    """Owns the pool, and opens it only after a probe and a battery of attacks."""

    def __init__(self, settings: RunnerSettings, port: int) -> None:
        self._settings = settings
        self._port = port
        self._folder = settings.data / "sandbox"
        self._site: Site | None = None
        self._groups = Cgroups(0, {})
        self._opening: asyncio.Task[None] | None = None
        self.state = State.STARTING
        self.reason = ""
        self.decided = asyncio.Event()
        self.withstood: selftest.Withstood | None = None
        self.pool = Pool(
            self._start_box,
            ready=settings.ready_boxes,
            most=settings.most_boxes,
            most_each=settings.most_boxes_per_workspace,
            memory_mb=settings.memory_mb,
            idle_s=settings.idle_s,
        )
        self._broker = Broker(settings.allow_private)
        self.runs: Runs | None = None
        self.locks: Locks | None = None
        self._layers: Layers | None = None

    def start(self) -> None:
        """Clean up after an earlier runner, then probe in the background."""
        digest = hashlib.sha256(str(self._folder).encode()).hexdigest()[:12]
        self._groups = find_cgroups(f"treadle-{digest}")
        janitor.sweep(self._folder, self._groups)
        self._opening = asyncio.create_task(self._open())

    async def stop(self) -> None:
        """Stop every run and remove every sandbox; safe to repeat."""
        self.state, self.reason = State.STOPPING, "the runner is stopping"
        self.decided.set()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self._layers is not None:
            await self._layers.close()
        await self.pool.close(self.reason)
        self._broker.close()

    def health(self) -> dict[str, object]:
        """Describe this runner: its state, the reason if it refuses, its means, its sandboxes."""
        return {
            "state": self.state.value,
            "reason": self.reason or None,
            "platform": self._settings.platform,
            "runsc": self._site.runsc.version if self._site else None,
            "limits": self._groups.described,
            "self_test": None if self.withstood is None else vars(self.withstood),
            "boxes": self.pool.counts(),
        }

    async def _open(self) -> None:
        failures = 0
        while True:
            try:
                self._site = self._prepare()
                await probe(self._site, self._port)
                record = self._folder / "self-test.json"
                self.withstood = await selftest.test(self._site, self._port, record)
            except (SetupError, Gone, Unsafe, selftest.Broken, selftest.Unclear, OSError) as error:
                failures += 1
                if isinstance(error, Gone | selftest.Unclear) and failures < _AT_ONCE:
                    # It says nothing of what is contained: most likely the machine is busy.
                    _log.warning("the sandbox's own test is begun anew: %s", error)
                    continue
                self.state, self.reason = State.REFUSING, str(error)
                _log.error("Python steps are refused: %s", error)
                self.decided.set()
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                break
        self._equip(self._site)
        self.state, self.reason = State.READY, ""
        self.pool.open()
        # What is there now stays: looking through it again and again would hold up runs.
        gc.collect()
        gc.freeze()
        self.decided.set()
        version, limits = self._site.runsc.version, self._groups.described
        _log.info("sandboxes are ready: runsc %s, limits by %s", version, limits)

    def _equip(self, site: Site) -> None:
        """Build what runs need beside a sandbox."""
        settings = self._settings
        building = self._folder / "building"
        builder = Builder(site, settings.uv, settings.package_index, building)
        python = (site.rootfs / "etc/treadle-rootfs").read_text().strip()
        layers = Layers(self._folder / "layers", builder, python, settings.layers_mb)
        layers.in_use = self.pool.folders
        self._layers = layers
        self.locks = Locks(builder)
        self.runs = Runs(self.pool, layers, settings.longest_wait_s, single_use=settings.single_use)

    def _prepare(self) -> Site:
        settings = self._settings
        runsc = find_runsc(settings.runsc, self._folder / "state", settings.platform)
        if not (settings.rootfs / "usr/bin/python3").is_symlink():
            raise SetupError(
                f"There is no sandbox root at {settings.rootfs}. Run 'treadle setup', "
                "or name one in TREADLE_SANDBOX_ROOTFS."
            )
        guest = self._folder / "guest"
        if not guest.exists():
            janitor.copy_guest(self._folder)
        return Site(
            runsc=runsc,
            rootfs=settings.rootfs,
            guest=guest,
            boxes=self._folder / "boxes",
            state=self._folder / "state",
            groups=self._groups,
            cpus=settings.cpus,
            broker=self._broker,
            certificates=settings.certificates,
        )

    async def _start_box(self, kind: Kind, urgent: bool) -> Box:
        if self._site is None:
            raise Gone("the runner has not been prepared")
        return await Box.start(self._site, kind, urgent=urgent)
