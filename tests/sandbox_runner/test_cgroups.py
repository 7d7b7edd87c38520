"""Which control groups are found, on trees that stand in for other machines."""

from __future__ import annotations

from pathlib import Path

from sandbox_runner.cgroups import find_cgroups


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
    folder = root / "treadle-x" / "box"
    assert (folder / "memory.max").read_text() == str(100 << 20)
    assert (folder / "pids.max").read_text() == "50"
    assert (folder / "cpu.max").read_text() == "150000 100000"
    (folder / "memory.events").write_text("low 0\noom 2\noom_kill 3\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    assert group.out_of_memory() == 3
    assert group.cpu_seconds() == 2.5


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
