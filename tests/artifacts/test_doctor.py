"""The doctor tries the artifact store: what it may not do is found before data is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from functions.checks import Finding, artifacts
from layers.artifacts import open_store
from layers.artifacts.memory import MemoryStore
from layers.artifacts.port import ArtifactUnavailable
from layers.artifacts.trial import PLACE, StoreRefuses, try_out
from layers.settings import load_settings
from tests.artifacts.conftest import KEY, SECRET
from tests.ports import free_port


def found(url: str, folder: Path) -> Finding:
    variables: Mapping[str, str] = {"TREADLE_ARTIFACTS_URL": url, "TREADLE_HOME": str(folder)}
    return artifacts(load_settings(variables))


def url_of(port: int, secret: str = SECRET, bucket: str = "tried") -> str:
    keys = f"{quote(KEY, safe='')}:{quote(secret, safe='')}"
    return f"s3://{keys}@127.0.0.1:{port}/{bucket}?secure=false"


def test_a_store_that_does_all_is_good_and_keeps_nothing_of_it(
    s3_server: tuple[int, Path], tmp_path: Path
) -> None:
    url = url_of(s3_server[0])
    finding = found(url, tmp_path)
    assert finding.good, finding
    assert "tried" in finding.text
    assert SECRET not in finding.text
    assert open_store(url).size(PLACE) == 0


def test_a_wrong_key_is_told_with_what_to_do(s3_server: tuple[int, Path], tmp_path: Path) -> None:
    finding = found(url_of(s3_server[0], secret="another"), tmp_path)
    assert not finding.good
    assert "cannot be written" in finding.text
    assert "another" not in finding.text
    assert "TREADLE_ARTIFACTS_URL" in finding.remedy


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    finding = found(url_of(free_port()), tmp_path)
    assert not finding.good
    assert "cannot be reached" in finding.text


def test_an_address_that_nobody_can_read_is_told(tmp_path: Path) -> None:
    finding = found("s3://127.0.0.1/bucket", tmp_path)
    assert not finding.good
    assert "KEY:SECRET" in finding.text


class Refusing(MemoryStore):
    """A store whose key may not do one thing."""

    def __init__(self, may_not: str) -> None:
        super().__init__()
        self.may_not = may_not

    def get(self, workspace_id: str, digest: str) -> bytes:
        self.refuse("get")
        return super().get(workspace_id, digest)

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        self.refuse("delete")
        super().delete(workspace_id, digest, put_before=put_before)

    def refuse(self, what: str) -> None:
        if what == self.may_not:
            raise ArtifactUnavailable("Artifact unavailable: bucket 'b' answered AccessDenied.")


@pytest.mark.parametrize(("may_not", "told"), [("get", "read back"), ("delete", "deleted")])
def test_what_a_key_may_not_do_is_named(may_not: str, told: str) -> None:
    with pytest.raises(StoreRefuses, match=rf"cannot be {told}: bucket 'b' answered AccessDenied"):
        try_out(Refusing(may_not))
