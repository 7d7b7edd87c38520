"""Names of slots: the same for a successor, another on every other machine and data folder."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from layers.settings import Settings, load_settings
from layers.settings.slots import slot_of


def settings(folder: Path, name: str = "worker-1") -> Settings:
    return load_settings({"TREADLE_DATA": str(folder), "TREADLE_PROCESS_NAME": name})


def test_a_successor_has_the_same_slot(tmp_path: Path) -> None:
    assert slot_of(settings(tmp_path)) == slot_of(settings(tmp_path))


def test_two_supervisors_on_one_database_do_not_share_slots(tmp_path: Path) -> None:
    assert slot_of(settings(tmp_path / "one")) != slot_of(settings(tmp_path / "two"))


def test_two_machines_with_one_data_folder_do_not_share_slots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = slot_of(settings(tmp_path))
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    assert slot_of(settings(tmp_path)) != here


def test_a_process_without_a_name_has_no_slot(tmp_path: Path) -> None:
    assert slot_of(settings(tmp_path, "")) == ""


def test_a_folder_that_takes_nothing_leaves_no_successor(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    inside = settings(tmp_path)
    inside = replace(inside, storage=replace(inside.storage, folder=blocked / "data"))
    assert slot_of(inside) != slot_of(inside)
