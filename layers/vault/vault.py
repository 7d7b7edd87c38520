"""The vault: seals secrets to their row, and signs what comes back to us later."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from layers.vault.keyring import KeyRing
from layers.vault.sealing import VERSION, SealBroken, bind, key_id_of, open_sealed, seal

__all__ = ["Row", "SealBroken", "Vault", "WorkspaceKey"]


@dataclass(frozen=True)
class WorkspaceKey:
    """A workspace and its data key as it lies in the database (``workspaces.sealed_key``)."""

    workspace_id: str
    sealed_key: str


@dataclass(frozen=True)
class Row:
    """The place that a secret is sealed to: it opens nowhere else.

    ``table`` is the table's name, ``id`` the row's id, ``type`` the credential's type.
    """

    table: str
    id: str
    type: str = ""


class Vault:
    """Encrypts with the first key of the ring, decrypts with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.ring = KeyRing(keys)
        # Opening a workspace key is cheap, but a busy worker does it for every credential.
        self._data_key = lru_cache(maxsize=1024)(self._open_workspace_key)

    def new_workspace_key(self, workspace_id: str) -> str:
        """Make a random data key for a workspace and return it sealed, ready to be stored."""
        return self._seal_workspace_key(workspace_id, os.urandom(32))

    def rewrap_workspace_key(self, workspace: WorkspaceKey) -> str:
        """Seal a workspace's data key anew with the first key of the ring."""
        return self._seal_workspace_key(workspace.workspace_id, self._data_key(workspace))

    def is_wrapped_by_first(self, workspace: WorkspaceKey) -> bool:
        """Say whether the workspace's key is sealed with the first key of the ring already."""
        return key_id_of(workspace.sealed_key) == self.ring.first.id

    def seal(self, workspace: WorkspaceKey, row: Row, plaintext: str) -> str:
        """Encrypt a text for one row of one workspace."""
        key = self._data_key(workspace)
        return seal(key, _data_key_id(key), _row_data(workspace, row), plaintext.encode())

    def open(self, workspace: WorkspaceKey, row: Row, sealed: str) -> str:
        """Decrypt what ``seal`` gave for the same row; raises SealBroken."""
        return open_sealed(self._data_key(workspace), _row_data(workspace, row), sealed).decode()

    def sign(self, purpose: str, text: str) -> str:
        """Sign a text (HMAC-SHA256, hexadecimal). A signature for one purpose fails for another."""
        return _signature(self.ring.first.signing, purpose, text)

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Say whether any key of the ring made this signature, in constant time for each."""
        given = signature.encode()
        matches = [
            hmac.compare_digest(_signature(key.signing, purpose, text).encode(), given)
            for key in self.ring
        ]
        return any(matches)

    def _seal_workspace_key(self, workspace_id: str, data_key: bytes) -> str:
        first = self.ring.first
        return seal(first.encryption, first.id, _workspace_data(workspace_id), data_key)

    def _open_workspace_key(self, workspace: WorkspaceKey) -> bytes:
        master = self.ring.find(key_id_of(workspace.sealed_key))
        if master is None:
            raise SealBroken(
                f"The workspace key was sealed with key {key_id_of(workspace.sealed_key)!r}, "
                "which is not in TREADLE_SECRET_KEYS; append that key to the list."
            )
        return open_sealed(
            master.encryption, _workspace_data(workspace.workspace_id), workspace.sealed_key
        )


def _signature(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, bind(purpose, text), hashlib.sha256).hexdigest()


def _workspace_data(workspace_id: str) -> bytes:
    return bind("workspaces", workspace_id, VERSION)


def _row_data(workspace: WorkspaceKey, row: Row) -> bytes:
    return bind(workspace.workspace_id, row.table, row.id, row.type, VERSION)


def _data_key_id(key: bytes) -> str:
    return hashlib.sha256(b"data key id" + key).hexdigest()[:12]
