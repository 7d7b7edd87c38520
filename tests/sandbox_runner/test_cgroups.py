"""Which control groups are found, on trees that stand in for other machines."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sandbox_runner.cgroups import find_cgroups


def is_open(path: Path) -> bool:
    """Whether this process has the file open, whatever else its threads open and close."""
    links = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    found = set()
    for link in links:
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(link))
    return str(path.resolve()) in found


def machine(folder: Path, mounts: str, own: str) -> tuple[str, str]:
    (folder / "mounts").write_text(mounts)
    (folder / "own").write_text(own)
    return str(folder / "mounts"), str(folder / "own")


def test_version_2_hands_controllers_down_to_each_sandbox(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.controllers").write_text("cpuset cpu io memory pids")
    (root / "cgroup.subtree_control").write_text("cpu memory pids")
    mounts, own = machine(tmp_path, f"cgroup2 {root} cgroup2 rw 0 0\n", "0::/\n")
    groups = find_cgroups("treadle-x", mounts, own)
    assert groups.described == "cgroup v2"
    group = groups.make("box")
    group.limit(100, 50, 1.5)
    folder = root / "treadle-x-box"
    assert (folder / "memory.max").read_text() == str(100 << 20)
    assert (folder / "pids.max").read_text() == "50"
    assert (folder / "cpu.max").read_text() == "150000 100000"
    (folder / "memory.events").write_text("low 0\noom 2\noom_kill 3\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (folder / "pids.current").write_text("17\n")
    assert group.out_of_memory() == 3
    assert group.processes() == 17
    assert group.cpu_seconds() == 2.5


def test_what_comes_last_says_so_where_the_kernel_knows_it(tmp_path: Path) -> None:
    for name in ("cpu", "memory", "pids"):
        (tmp_path / name).mkdir()
    lines = "".join(f"cgroup {tmp_path}/{n} cgroup rw,{n} 0 0\n" for n in ("cpu", "memory", "pids"))
    mounts, own = machine(tmp_path, lines, "")
    groups = find_cgroups("treadle-x", mounts, own)
    assert groups.described == "cgroup v1"
    group = groups.make("box")
    folder = tmp_path / "cpu" / "treadle-x-box"
    group.weigh(0)
    assert (folder / "cpu.idle").read_text() == "1"
    assert (folder / "cpu.shares").read_text() == "2"
    group.weigh(0.5)
    assert (folder / "cpu.idle").read_text() == "0"
    assert (folder / "cpu.shares").read_text() == "512"


def test_the_memory_peak_is_counted_anew_by_the_file_that_is_read(tmp_path: Path) -> None:
    """Newer kernels reset it for that one descriptor only."""
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.controllers").write_text("cpu memory pids")
    (root / "cgroup.subtree_control").write_text("cpu memory pids")
    mounts, own = machine(tmp_path, f"cgroup2 {root} cgroup2 rw 0 0\n", "0::/\n")
    group = find_cgroups("treadle-x", mounts, own).make("box")
    peak = root / "treadle-x-box" / "memory.peak"
    peak.write_text("7")
    group.forget_peak()
    assert is_open(peak)
    peak.write_text(str(3 << 20))
    assert group.peak_memory_mb() == 3
    group.close()
    assert not is_open(peak)


def test_version_2_without_the_memory_controller_is_no_use(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.controllers").write_text("cpu pids")
    mounts, own = machine(tmp_path, f"cgroup2 {root} cgroup2 rw 0 0\n", "0::/\n")
    groups = find_cgroups("treadle-x", mounts, own)
    assert groups.described == "none (rlimits and timers only)"
    assert groups.make("box").folders() == []


def test_no_control_groups_at_all(tmp_path: Path) -> None:
    mounts, own = machine(tmp_path, "proc /proc proc rw 0 0\n", "")
    assert find_cgroups("treadle-x", mounts, own).version == 0
