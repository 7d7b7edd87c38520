"""The folder of everything embedded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layers.errors import SetupError
from layers.settings.environment import environment_with
from local_emulator.data_folder import claim, secret_key


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key, fresh = secret_key(tmp_path)
    assert fresh
    assert len(key) >= 32
    assert secret_key(tmp_path) == (key, False)
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    lock = claim(folder)
    with pytest.raises(SetupError, match="Another 'treadle up' runs on"):
        claim(folder)
    os.close(lock)
    os.close(claim(folder))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="file/data cannot be used"):
        claim(tmp_path / "file" / "data")


def test_an_environment_to_hand_on_holds_ours_and_what_is_added() -> None:
    assert environment_with({"A": "b"}) == {**os.environ, "A": "b"}
