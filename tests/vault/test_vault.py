"""Secrets open where they were sealed, with the right key, and nowhere else."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import update

from layers.database import Database
from layers.database.models import Workspace
from layers.errors import SetupError
from layers.ids import new_id
from layers.vault import Row, SealBroken, Vault, WorkspaceKey, check_fingerprint, rewrap

OLD, NEW = "the old key of the instance", "the new key of the instance"


def sealed_in(vault: Vault) -> tuple[WorkspaceKey, Row, str]:
    workspace_id = new_id()
    workspace = WorkspaceKey(workspace_id, vault.new_workspace_key(workspace_id))
    row = Row("credentials", new_id(), "http_bearer")
    return workspace, row, vault.seal(workspace, row, "geheim €")


def test_what_was_sealed_opens_again() -> None:
    vault = Vault([OLD])
    workspace, row, sealed = sealed_in(vault)
    assert vault.open(workspace, row, sealed) == "geheim €"
    assert sealed.startswith("v1.")
    assert "geheim" not in base64.urlsafe_b64decode(sealed.split(".")[3] + "==").decode("latin-1")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    vault = Vault([OLD])
    workspace, row, sealed = sealed_in(vault)
    assert vault.seal(workspace, row, "geheim €") != sealed


@pytest.mark.parametrize(
    "moved",
    [
        Row("credentials", new_id(), "http_bearer"),
        Row("variables", "", ""),
    ],
)
def test_a_text_moved_to_another_row_does_not_open(moved: Row) -> None:
    vault = Vault([OLD])
    workspace, _row, sealed = sealed_in(vault)
    with pytest.raises(SealBroken):
        vault.open(workspace, moved, sealed)


def test_a_changed_type_does_not_open() -> None:
    vault = Vault([OLD])
    workspace, row, sealed = sealed_in(vault)
    with pytest.raises(SealBroken):
        vault.open(workspace, Row(row.table, row.id, "http_basic"), sealed)


def test_a_row_and_key_copied_to_another_workspace_do_not_open() -> None:
    vault = Vault([OLD])
    workspace, row, sealed = sealed_in(vault)
    with pytest.raises(SealBroken):
        vault.open(WorkspaceKey(new_id(), workspace.sealed_key), row, sealed)
    other = new_id()
    with pytest.raises(SealBroken):
        vault.open(WorkspaceKey(other, vault.new_workspace_key(other)), row, sealed)


def test_any_changed_character_is_noticed() -> None:
    vault = Vault([OLD])
    workspace, row, sealed = sealed_in(vault)
    version, key_id, nonce, text = sealed.split(".")
    for place in range(0, len(text) - 1, 5):
        flipped = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(SealBroken):
            vault.open(workspace, row, ".".join((version, key_id, nonce, flipped)))
    for broken in ("", "v1", f"v2.{key_id}.{nonce}.{text}", f"{version}.{key_id}..{text}"):
        with pytest.raises(SealBroken):
            vault.open(workspace, row, broken)


def test_every_key_of_the_ring_opens_and_only_those() -> None:
    workspace, row, sealed = sealed_in(Vault([OLD]))
    assert Vault([NEW, OLD]).open(workspace, row, sealed) == "geheim €"
    with pytest.raises(SealBroken, match="append that key"):
        Vault([NEW]).open(workspace, row, sealed)


def test_a_signature_holds_for_its_purpose_and_text_with_any_key_of_the_ring() -> None:
    signature = Vault([OLD]).sign("callback", "text")
    assert Vault([NEW, OLD]).verify("callback", "text", signature)
    assert not Vault([NEW, OLD]).verify("callback", "texts", signature)
    assert not Vault([NEW, OLD]).verify("another", "text", signature)
    assert not Vault([NEW]).verify("callback", "text", signature)
    assert not Vault([OLD]).verify("callback", "text", "")
    assert not Vault([OLD]).verify("callback", "text", "ünïcode")
    assert Vault([OLD]).sign("a", "b|c") != Vault([OLD]).sign("a|b", "c")


@pytest.mark.parametrize(("keys", "said"), [([], "is not set"), (["short"], "too short")])
def test_missing_and_short_keys_name_the_variable(keys: list[str], said: str) -> None:
    with pytest.raises(SetupError, match=rf"TREADLE_SECRET_KEYS.*{said}|{said}.*") as caught:
        Vault(keys)
    assert "TREADLE_SECRET_KEYS" in caught.value.detail


def test_a_ring_that_does_not_belong_to_the_database_is_refused(database: Database) -> None:
    check_fingerprint(Vault([OLD]), database)
    check_fingerprint(Vault([OLD]), database)
    check_fingerprint(Vault([NEW, OLD]), database)
    with pytest.raises(SetupError, match=Vault([OLD]).ring.first.id):
        check_fingerprint(Vault([NEW]), database)


def test_rewrapping_lets_the_old_key_go(database: Database) -> None:
    old = Vault([OLD])
    check_fingerprint(old, database)
    workspace, row, sealed = sealed_in(old)
    with database.write() as session:
        session.add(
            Workspace(
                id=workspace.workspace_id, name="w", sealed_key=workspace.sealed_key, created_at=0
            )
        )
    both = Vault([NEW, OLD])
    assert rewrap(both, database) == 1
    assert rewrap(both, database) == 0
    new = Vault([NEW])
    check_fingerprint(new, database)
    with database.read() as session:
        kept = session.get_one(Workspace, workspace.workspace_id).sealed_key
    assert new.open(WorkspaceKey(workspace.workspace_id, kept), row, sealed) == "geheim €"
    with pytest.raises(SetupError):
        check_fingerprint(old, database)


def test_a_workspace_key_that_was_changed_in_the_database_stops_rewrapping(
    database: Database,
) -> None:
    old = Vault([OLD])
    workspace, _row, _sealed = sealed_in(old)
    with database.write() as session:
        session.add(
            Workspace(
                id=workspace.workspace_id, name="w", sealed_key=workspace.sealed_key, created_at=0
            )
        )
        session.flush()
        session.execute(update(Workspace).values(sealed_key=workspace.sealed_key[:-4] + "AAAA"))
    with pytest.raises(SealBroken):
        rewrap(Vault([NEW, OLD]), database)
