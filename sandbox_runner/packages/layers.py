"""Installed packages as read-only folders, one for each lock: made once, kept while used."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from layers import jsontext
from layers.log import logger
from layers.packages.lockfile import InvalidLock, LockFile, read_lock
from layers.packages.policy import PackagePolicy
from layers.work import DISK
from sandbox_runner.packages.builder import Builder, BuildFailed
from sandbox_runner.packages.index import OUT_OF_REACH, NoIndex
from sandbox_runner.wire import Outcome

_log = logger("runner")
_FORMAT = "1"
_MOST_FILES = 200_000
_YOUNG_S = 600.0
_NOTED_S = 60.0
_MOST_PASSED = 256


class NoLayer(Exception):
    """The packages of a run are not to be had; the text says why."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


@dataclass(frozen=True)
class Layer:
    """A folder of installed packages, and the names of the modules at its top."""

    digest: str
    folder: Path
    modules: frozenset[str]


class Layers:
    """All layers of a runner, in a folder that lives as long as its data."""

    def __init__(self, folder: Path, builder: Builder, python: str, most_mb: int) -> None:
        self._folder = folder
        self._builder = builder
        self._python = python
        self._most_bytes = most_mb << 20
        self._known: dict[str, Layer] = {}
        self._noted: dict[str, float] = {}
        self._passed: dict[tuple[object, ...], tuple[LockFile, str]] = {}
        self._making: dict[str, asyncio.Task[Layer]] = {}
        self.in_use: Callable[[], Collection[Path]] = tuple
        folder.mkdir(parents=True, exist_ok=True)

    async def of(self, lock: str, policy: PackagePolicy) -> Layer | None:
        """Return the layer of a lock, made now if need be; None for no packages; raises NoLayer."""
        if not lock:
            return None
        read, digest = self._read(lock, policy)
        layer = self._known.get(digest) or self._find(digest)
        if layer is None:
            # Whoever waits for it may give up; it is finished all the same.
            task = self._making.get(digest)
            if task is None:
                task = self._making[digest] = asyncio.create_task(self._make(digest, read, policy))
                task.add_done_callback(lambda _: self._making.pop(digest, None))
            layer = await asyncio.shield(task)
        self._known[digest] = layer
        self._note_use(layer)
        return layer

    def _note_use(self, layer: Layer) -> None:
        """Note on disk, where the next runner finds it as well, when a layer was used last."""
        now = time.monotonic()
        if now - self._noted.get(layer.digest, -_NOTED_S) >= _NOTED_S:
            (layer.folder.parent / "layer.json").touch()
            self._noted[layer.digest] = now

    async def close(self) -> None:
        """End what is being made."""
        await self._builder.stop()
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _read(self, lock: str, policy: PackagePolicy) -> tuple[LockFile, str]:
        """A lock that a policy lets pass, and its layer's digest; remembered, as steps repeat."""
        floors = tuple(sorted(policy.floors.items()))
        key = (lock, policy.allow, policy.deny, floors, policy.source_builds)
        found = self._passed.get(key)
        if found is None:
            read = self._checked(lock, policy)
            found = self._passed[key] = read, self._digest(read, policy)
            if len(self._passed) > _MOST_PASSED:
                self._passed.pop(next(iter(self._passed)))
        return found

    def _checked(self, lock: str, policy: PackagePolicy) -> LockFile:
        try:
            read = read_lock(lock)
        except InvalidLock as error:
            raise NoLayer(Outcome.POLICY_DENIED, error.detail) from error
        refused = policy.refusals(read.packages)
        if refused:
            raise NoLayer(Outcome.POLICY_DENIED, " ".join(one.message for one in refused))
        return read

    def _digest(self, lock: LockFile, policy: PackagePolicy) -> str:
        text = "\0".join((_FORMAT, self._python, policy.digest(), lock.text))
        return hashlib.sha256(text.encode()).hexdigest()

    def _find(self, digest: str) -> Layer | None:
        record = self._folder / digest / "layer.json"
        try:
            modules = jsontext.loads(record.read_bytes())["modules"]
        except (OSError, jsontext.InvalidJson, LookupError, TypeError):
            return None
        return Layer(digest, record.parent / "files", frozenset(modules))

    async def _make(self, digest: str, lock: LockFile, policy: PackagePolicy) -> Layer:
        began = time.monotonic()
        words = ["pip", "install", "--target", "/build/files", "--no-deps", "--require-hashes"]
        words += ["--compile-bytecode", "--requirements", "/build/lock.txt"]
        if not policy.source_builds:
            words += ["--only-binary", ":all:"]
        try:
            (said, *_), work = await self._builder.uv(words, files={"lock.txt": lock.text})
        except (BuildFailed, NoIndex) as error:
            raise NoLayer(
                Outcome.INFRASTRUCTURE, f"Packages cannot be installed: {error}"
            ) from error
        try:
            if said.code != 0:
                # The lock names what there is; a host that does not give it is nobody's mistake.
                away = OUT_OF_REACH.search(said.text)
                outcome = Outcome.INFRASTRUCTURE if away else Outcome.USER_ERROR
                raise NoLayer(outcome, said.text.strip() or "uv failed without a word.")
            layer = await DISK.run(self._keep, work, digest)
        finally:
            await DISK.run(shutil.rmtree, work, ignore_errors=True)
        _log.info("installed %d packages in %.1f s", len(lock.pins), time.monotonic() - began)
        return layer

    def _keep(self, work: Path, digest: str) -> Layer:
        """Look at what the sandbox wrote, make it ours, and put it in its place at once."""
        made = work / "files"
        size = _own(made, self._most_bytes)
        modules = sorted(_modules(made))
        self._make_room(size)
        new = work / "layer"
        new.mkdir()
        made.rename(new / "files")
        (new / "layer.json").write_text(jsontext.dumps({"modules": modules, "bytes": size}))
        target = self._folder / digest
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
        return Layer(digest, target / "files", frozenset(modules))

    def _make_room(self, size: int) -> None:
        """Remove the layers that were not used for longest, but none that a sandbox has."""
        used = {path.parent.name for path in self.in_use()}
        kept = [
            (record.stat().st_mtime, _size_of(record), record.parent)
            for record in self._folder.glob("*/layer.json")
        ]
        total = size + sum(one[1] for one in kept)
        for touched, bytes_, folder in sorted(kept):
            if total <= self._most_bytes:
                break
            if folder.name not in used and time.time() - touched > _YOUNG_S:
                self._known.pop(folder.name, None)
                self._noted.pop(folder.name, None)
                shutil.rmtree(folder, ignore_errors=True)
                total -= bytes_


def _size_of(record: Path) -> int:
    try:
        return int(jsontext.loads(record.read_bytes())["bytes"])
    except (OSError, jsontext.InvalidJson, LookupError, TypeError, ValueError):
        return 0


def _own(top: Path, most_bytes: int) -> int:
    """Take a folder over from a sandbox: plain files and folders only, within bounds.

    Returns its size in bytes; raises NoLayer.
    """
    total = count = 0
    for place, folders, files in os.walk(top, onerror=_broken):
        for name in (*folders, *files):
            path = Path(place, name)
            status = path.lstat()
            folder = stat.S_ISDIR(status.st_mode)
            if not folder and (not stat.S_ISREG(status.st_mode) or status.st_nlink != 1):
                raise NoLayer(Outcome.POLICY_DENIED, f"A package holds a link or device: {name}.")
            count += 1
            total += status.st_size
            if count > _MOST_FILES or total > most_bytes:
                raise NoLayer(Outcome.POLICY_DENIED, "The packages are larger than a layer may be.")
            path.chmod(0o755 if folder or status.st_mode & 0o100 else 0o644)
            os.chown(path, os.geteuid(), os.getegid())
    top.chmod(0o755)
    os.chown(top, os.geteuid(), os.getegid())
    return total


def _broken(error: OSError) -> None:
    raise NoLayer(Outcome.INFRASTRUCTURE, f"What was installed cannot be read: {error}.")


def _modules(top: Path) -> set[str]:
    """The names of the modules and packages at the top of a layer."""
    found = set()
    for path in top.iterdir():
        name = path.name.partition(".")[0]
        is_module = path.suffix in (".py", ".so") or (path.is_dir() and "." not in path.name)
        if is_module and name.isidentifier() and name != "__pycache__":
            found.add(name)
    return found
