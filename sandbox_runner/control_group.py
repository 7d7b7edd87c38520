"""The control groups of one sandbox: its limits, its share, and what it has used.

Version 1 (one folder a controller) and version 2 (one folder) look the same from outside.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_MIB = 1 << 20
_PERIOD_US = 100_000


class Group(Protocol):
    """The control groups of one sandbox."""

    def folders(self) -> list[Path]:
        """Return every folder that this group made."""
        ...

    def limit(self, memory_mb: int, pids: int, cpus: float) -> None:
        """Set what the sandbox may use from now on, and start counting its memory peak anew."""
        ...

    def forget_peak(self) -> None:
        """Start counting the memory peak anew."""
        ...

    def weigh(self, weight: float) -> None:
        """Say how much processor time it gets beside others that want some, 1.0 being usual.

        With 0 it gets what all others leave, and whoever wakes up need not wait for it.
        """
        ...

    def allow_cpus(self, cpus: float) -> None:
        """Bound the processors that it may use at once."""
        ...

    def cpu_seconds(self) -> float | None:
        """Return the processor time used so far."""
        ...

    def peak_memory_mb(self) -> float | None:
        """Return the most memory used since the limits were set."""
        ...

    def used_memory_mb(self) -> float | None:
        """Return the memory used now, with what the kernel caches of files."""
        ...

    def held_memory_mb(self) -> float | None:
        """Return the memory used now, without what the kernel caches of files."""
        ...

    def out_of_memory(self) -> int:
        """Return how often the kernel killed for want of memory."""
        ...

    def out_of_processes(self) -> int:
        """Return how often a new process was refused."""
        ...

    def processes(self) -> int:
        """Return how many processes and threads there are, with those that are just being ended."""
        ...

    def close(self) -> None:
        """Close what was kept open; safe to repeat."""
        ...


class _Kept:
    """Files that are asked at every run, kept open: looking a name up costs more than reading.

    Some kernels count the memory peak anew for the one descriptor that was written to.
    """

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def read(self, folder: Path | None, name: str, mode: int = os.O_RDONLY) -> str:
        try:
            return os.pread(self._descriptor(folder, name, mode), 4096, 0).decode()
        except OSError:
            return ""

    def write(self, folder: Path, name: str, value: object) -> None:
        with contextlib.suppress(OSError):
            os.pwrite(self._descriptor(folder, name, os.O_RDWR), str(value).encode(), 0)

    def close(self) -> None:
        while self._open:
            os.close(self._open.popitem()[1])

    def _descriptor(self, folder: Path | None, name: str, mode: int) -> int:
        known = self._open.get(name)
        if known is None:
            path = (folder or Path("/nonexistent")) / name
            known = self._open[name] = os.open(path, mode | os.O_CLOEXEC)
        return known


def read(path: Path) -> str:
    """Return a control file's text, "" where there is none to be read."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _write(path: Path, value: object) -> None:
    with contextlib.suppress(OSError):
        path.write_text(str(value))


def _entry(path: Path, name: str) -> int:
    return _entry_in(read(path), name)


def _entry_in(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0


def _weigh(folder: Path, name: str, weight: int, *, last: bool) -> None:
    # One that comes last has no weight that could be set. Older kernels know the weight only.
    _write(folder / "cpu.idle", 0)
    _write(folder / name, weight)
    if last:
        _write(folder / "cpu.idle", 1)


def _without_files(usage: str, statistics: Path, prefix: str) -> float | None:
    if not usage.strip().isdigit():
        return None
    files = sum(_entry(statistics, f"{prefix}{age}_file") for age in ("active", "inactive"))
    return max(0, int(usage) - files) / _MIB


@dataclass(frozen=True)
class GroupV1:
    """A sandbox's folders in the version 1 hierarchies, by controller."""

    by_controller: dict[str, Path]
    kept: _Kept = field(default_factory=_Kept)

    def folders(self) -> list[Path]:
        """Return the folders, each once."""
        return list(dict.fromkeys(self.by_controller.values()))

    def limit(self, memory_mb: int, pids: int, cpus: float) -> None:
        """Write the limits; swap counts as memory where the kernel can tell."""
        memory, size = self.by_controller["memory"], memory_mb * _MIB
        # Raising needs the outer bound first, lowering the inner one; the second try settles it.
        for name in ("memory.memsw.limit_in_bytes", "memory.limit_in_bytes") * 2:
            _write(memory / name, size)
        self.forget_peak()
        _write(self.by_controller["pids"] / "pids.max", pids)
        self.allow_cpus(cpus)

    def allow_cpus(self, cpus: float) -> None:
        """Set the quota of each period."""
        if (cpu := self.by_controller.get("cpu")) is not None:
            _write(cpu / "cpu.cfs_quota_us", int(cpus * _PERIOD_US))

    def forget_peak(self) -> None:
        """Reset the memory controller's high-water mark."""
        self.kept.write(self.by_controller["memory"], "memory.max_usage_in_bytes", 0)

    def weigh(self, weight: float) -> None:
        """Set the shares, 1024 being usual."""
        if (cpu := self.by_controller.get("cpu")) is not None:
            _weigh(cpu, "cpu.shares", max(2, int(weight * 1024)), last=weight == 0)

    def cpu_seconds(self) -> float | None:
        """Read the accounting controller."""
        text = self.kept.read(self.by_controller.get("cpuacct"), "cpuacct.usage")
        return int(text) / 1e9 if text else None

    def peak_memory_mb(self) -> float | None:
        """Read the memory controller's high-water mark."""
        folder = self.by_controller["memory"]
        text = self.kept.read(folder, "memory.max_usage_in_bytes", os.O_RDWR)
        return int(text) / _MIB if text else None

    def used_memory_mb(self) -> float | None:
        """Read the usage."""
        text = self.kept.read(self.by_controller["memory"], "memory.usage_in_bytes")
        return int(text) / _MIB if text else None

    def held_memory_mb(self) -> float | None:
        """Read the usage less the file pages."""
        folder = self.by_controller["memory"]
        text = read(folder / "memory.usage_in_bytes")
        return _without_files(text, folder / "memory.stat", "total_")

    def out_of_memory(self) -> int:
        """Count the kernel's kills."""
        return _entry_in(
            self.kept.read(self.by_controller["memory"], "memory.oom_control"), "oom_kill"
        )

    def out_of_processes(self) -> int:
        """Count refused forks."""
        return _entry_in(self.kept.read(self.by_controller["pids"], "pids.events"), "max")

    def processes(self) -> int:
        """Read the controller's own count."""
        return _number(self.kept.read(self.by_controller["pids"], "pids.current"))

    def close(self) -> None:
        """Close the files."""
        self.kept.close()


@dataclass(frozen=True)
class GroupV2:
    """A sandbox's folder in the unified hierarchy."""

    folder: Path
    kept: _Kept = field(default_factory=_Kept)

    def folders(self) -> list[Path]:
        """Return the one folder."""
        return [self.folder]

    def limit(self, memory_mb: int, pids: int, cpus: float) -> None:
        """Write the limits."""
        _write(self.folder / "memory.max", memory_mb * _MIB)
        _write(self.folder / "memory.swap.max", 0)
        _write(self.folder / "memory.oom.group", 1)
        self.forget_peak()
        _write(self.folder / "pids.max", pids)
        self.allow_cpus(cpus)

    def allow_cpus(self, cpus: float) -> None:
        """Set the quota of each period."""
        _write(self.folder / "cpu.max", f"{int(cpus * _PERIOD_US)} {_PERIOD_US}")

    def forget_peak(self) -> None:
        """Reset the high-water mark, where the kernel has one that can be reset."""
        self.kept.write(self.folder, "memory.peak", 0)

    def weigh(self, weight: float) -> None:
        """Set the weight, 100 being usual."""
        _weigh(self.folder, "cpu.weight", max(1, int(weight * 100)), last=weight == 0)

    def cpu_seconds(self) -> float | None:
        """Read the accounting."""
        used = _entry_in(self.kept.read(self.folder, "cpu.stat"), "usage_usec")
        return used / 1e6 if used else None

    def peak_memory_mb(self) -> float | None:
        """Read the high-water mark, where the kernel has one."""
        text = self.kept.read(self.folder, "memory.peak", os.O_RDWR)
        return int(text) / _MIB if text.strip().isdigit() else None

    def used_memory_mb(self) -> float | None:
        """Read the usage."""
        text = self.kept.read(self.folder, "memory.current")
        return int(text) / _MIB if text.strip().isdigit() else None

    def held_memory_mb(self) -> float | None:
        """Read the usage less the file pages."""
        text = read(self.folder / "memory.current")
        return _without_files(text, self.folder / "memory.stat", "")

    def out_of_memory(self) -> int:
        """Count the kernel's kills."""
        return _entry_in(self.kept.read(self.folder, "memory.events"), "oom_kill")

    def out_of_processes(self) -> int:
        """Count refused forks."""
        return _entry_in(self.kept.read(self.folder, "pids.events"), "max")

    def processes(self) -> int:
        """Read the controller's own count."""
        return _number(self.kept.read(self.folder, "pids.current"))

    def close(self) -> None:
        """Close the files."""
        self.kept.close()


@dataclass(frozen=True)
class NoGroup:
    """No control groups: the limits inside the sandbox and the timers outside are all there is."""

    def folders(self) -> list[Path]:
        """Return nothing."""
        return []

    def limit(self, memory_mb: int, pids: int, cpus: float) -> None:
        """Set nothing."""

    def forget_peak(self) -> None:
        """Reset nothing."""

    def weigh(self, weight: float) -> None:
        """Set nothing."""

    def allow_cpus(self, cpus: float) -> None:
        """Set nothing."""

    def cpu_seconds(self) -> float | None:
        """Know nothing."""
        return None

    def peak_memory_mb(self) -> float | None:
        """Know nothing."""
        return None

    def used_memory_mb(self) -> float | None:
        """Know nothing."""
        return None

    def held_memory_mb(self) -> float | None:
        """Know nothing."""
        return None

    def out_of_memory(self) -> int:
        """Know nothing."""
        return 0

    def out_of_processes(self) -> int:
        """Know nothing."""
        return 0

    def processes(self) -> int:
        """Know nothing."""
        return 0

    def close(self) -> None:
        """Close nothing."""
