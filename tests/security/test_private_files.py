"""Finding 13: nobody else on the machine reads an instance's files, whatever its folder allows."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers import private_files
from layers.artifacts import open_store
from layers.database import Database
from layers.ids import new_id
from layers.settings import load_settings
from tests.local_emulator.test_up import address, start
from tests.waiting import until


@pytest.fixture
def loose_umask() -> Iterator[None]:
    """What most machines have: others read what one makes."""
    former = os.umask(0o022)
    yield
    os.umask(former)


def readable_by_others(folder: Path) -> list[str]:
    """What somebody else can open, given that they may enter the folder itself."""
    found = []
    for path in sorted(folder.iterdir()):
        if stat.S_IMODE(path.lstat().st_mode) & 0o077:
            found.append(path.name)
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def umask_of(pid: int) -> str | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((line.split()[1] for line in lines if line.startswith("Umask:")), None)


@pytest.mark.usefixtures("loose_umask")
@pytest.mark.faults
def test_a_folder_that_everybody_may_enter_is_closed_from_inside(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """A data folder of an earlier version, on a disk that was mounted at 0755."""
    data = tmp_path / "disk"
    data.mkdir(mode=0o755)
    shutil.copyfile(sqlite_template, data / "treadle.db")
    (data / "artifacts" / "ws").mkdir(parents=True)
    (data / "stripe.json").write_text("{}")
    others = data / "of-somebody-else.txt"
    others.write_text("not ours to close")
    assert readable_by_others(data) == [
        "artifacts",
        "of-somebody-else.txt",
        "stripe.json",
        "treadle.db",
    ]
    with start(data, "--no-demo") as running:
        address(running)
        made = ("treadle.db-wal", "treadle.db-shm", "queue.db", "sandbox", "secret.key")
        for name in made:
            until((data / name).exists, f"{name} is made")
        assert readable_by_others(data) == [others.name]
        # gVisor's own processes choose theirs; the code in a sandbox has what its bundle says.
        ours = {pid for pid in running.family if "-m" in _command(pid)} | {running.process.pid}
        assert {umask_of(pid) for pid in ours} - {None} == {"0077"}
        assert running.ask_to_stop() == 0


@pytest.mark.usefixtures("loose_umask")
def test_parts_that_are_started_singly_close_what_they_open(tmp_path: Path) -> None:
    settings = load_settings({"TREADLE_DATA": str(tmp_path), "TREADLE_SECRET_KEYS": "k"})
    for name in ("treadle.db", "treadle.db-wal", "treadle.db-shm", "queue.db"):
        (tmp_path / name).touch(0o644)
    (tmp_path / "artifacts").mkdir(0o755)
    Database(settings.storage.database_url).close()
    assert readable_by_others(tmp_path) == ["artifacts", "queue.db"]
    store = open_store(settings.storage.artifacts_url)
    store.put(new_id(), b"content")
    assert readable_by_others(tmp_path) == ["queue.db"]
    private_files.tighten(settings.storage.private())
    assert readable_by_others(tmp_path) == []


@pytest.mark.usefixtures("loose_umask")
def test_the_command_line_writes_for_its_user_alone(tmp_path: Path) -> None:
    environment = {**os.environ, "TREADLE_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "local_emulator.main", "migrate"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert readable_by_others(tmp_path / "data") == []


@pytest.mark.usefixtures("loose_umask")
def test_links_and_what_is_not_there_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.touch(0o644)
    (tmp_path / "link").symlink_to(outside)
    private_files.tighten([tmp_path / "link", tmp_path / "nothing", outside / "below"])
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
