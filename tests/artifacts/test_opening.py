"""The forms of TREADLE_ARTIFACTS_URL, and stores that do not answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from layers.artifacts import ArtifactUnavailable, open_store
from layers.artifacts.folder import FolderStore
from layers.artifacts.s3 import S3Store
from layers.errors import SetupError
from tests.artifacts.conftest import KEY
from tests.ports import free_port


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/treadle",
        "file://relative",
        "file://host/folder",
        "file:///",
        "ftp://host/x",
        "s3://host/bucket",
        "s3://KEY@host/bucket",
        "s3://KEY:SECRET@host",
        "s3://KEY:SECRET@host/bucket/prefix",
        "s3://KEY:SECRET@host:port/bucket",
        "s3://KEY:SECRET@host/bucket?insecure=1",
    ],
)
def test_an_unusable_url_is_a_setup_error_that_keeps_the_secret(url: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_ARTIFACTS_URL") as caught:
        open_store(url)
    assert "SECRET" not in caught.value.detail.replace("KEY:SECRET@host:port/bucket", "")


def test_the_parts_of_the_url_are_decoded(tmp_path: Path) -> None:
    store = open_store("s3://a%2Fb:c%40d@s3.test:9000/bucket?secure=false&region=eu-1")
    assert isinstance(store, S3Store)
    assert store.target.endpoint == "http://s3.test:9000"
    assert (store.target.key, store.target.secret) == ("a/b", "c@d")
    assert (store.target.bucket, store.target.region) == ("bucket", "eu-1")
    assert "c@d" not in repr(store.target)
    secure = open_store("s3://k:s@[::1]/bucket")
    assert isinstance(secure, S3Store)
    assert secure.target.endpoint == "https://[::1]"
    assert isinstance(open_store(f"file://{tmp_path}"), FolderStore)


def test_a_folder_costs_nothing_of_the_s3_library(tmp_path: Path) -> None:
    code = (
        "import sys; from layers.artifacts import open_store;"
        f"open_store('file://{tmp_path}').put('w', b'x');"
        "print('minio' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_store_that_does_not_answer_is_worth_another_try() -> None:
    port = free_port()
    store = open_store(f"s3://key:hidden@127.0.0.1:{port}/bucket?secure=false")
    for call in (lambda: store.put("w", b"x"), lambda: store.get("w", "sha256:" + "0" * 64)):
        with pytest.raises(ArtifactUnavailable, match="cannot be reached") as caught:
            call()
        assert caught.value.retryable
        assert "hidden" not in caught.value.detail


def test_a_wrong_secret_is_an_error_that_trying_again_does_not_heal(
    s3_server: tuple[int, Path],
) -> None:
    store = open_store(f"s3://{KEY}:wrong@127.0.0.1:{s3_server[0]}/bucket?secure=false")
    with pytest.raises(ArtifactUnavailable, match="bucket") as caught:
        store.put("w", b"x")
    assert not caught.value.retryable
