"""The artifact store by one address or by its parts, and variables that are set to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.artifacts import open_store
from layers.artifacts.s3 import S3Store
from layers.errors import SetupError
from layers.settings import load_settings

PARTS = {
    "TREADLE_S3_ADDRESS": "store:9000",
    "TREADLE_S3_KEY": "treadle",
    "TREADLE_S3_SECRET": "a/b+c=",
    "TREADLE_S3_SECURE": "false",
}


def test_parts_are_put_together_whatever_letters_the_secret_has() -> None:
    store = open_store(load_settings(PARTS).storage.artifacts_url)
    assert isinstance(store, S3Store)
    target = store.target
    assert (target.endpoint, target.bucket) == ("http://store:9000", "treadle")
    assert (target.key, target.secret) == ("treadle", "a/b+c=")


def test_the_one_address_counts_before_its_parts() -> None:
    settings = load_settings({**PARTS, "TREADLE_ARTIFACTS_URL": "file:///var/treadle"})
    assert settings.storage.artifacts_url == "file:///var/treadle"


@pytest.mark.parametrize("name", ["TREADLE_S3_KEY", "TREADLE_S3_SECRET"])
def test_a_part_that_lacks_is_named(name: str) -> None:
    with pytest.raises(SetupError, match=name):
        load_settings({**PARTS, name: ""})


def test_secure_is_true_or_false() -> None:
    with pytest.raises(SetupError, match="TREADLE_S3_SECURE"):
        load_settings({**PARTS, "TREADLE_S3_SECURE": "maybe"})


def test_what_is_set_to_nothing_is_not_set(tmp_path: Path) -> None:
    names = (
        *("DATABASE_URL", "QUEUE_URL", "ARTIFACTS_URL", "PUBLIC_URL", "HOST", "PORT"),
        *("RUNNER_URL", "WEB_DIST", "HOOKS_URL", "S3_ADDRESS", "SECRET_KEYS"),
    )
    empty = {f"TREADLE_{name}": "" for name in names}
    folder = {"TREADLE_DATA": str(tmp_path)}
    assert load_settings({**empty, **folder}) == load_settings(folder)


def test_a_runner_may_be_named_as_host_and_port() -> None:
    settings = load_settings({"TREADLE_RUNNER_URL": "runner:10000"})
    assert settings.runner.url == "http://runner:10000"
