"""A credential type in a file of its own, as somebody adds one to ``functions/credentials``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import functions.credentials
from layers.contract import CredentialType
from layers.registry import Registry, installed
from layers.registry.discovery import declared

TYPE = "key_pair"
SOURCE = '''
"""The credential ``key_pair``."""

from layers.contract import CredentialField, CredentialType, Probe, Signing

credential_type = CredentialType(
    type="key_pair",
    title="Key pair",
    summary="An application's key and its secret, in headers of their own.",
    fields=(
        CredentialField("account", "Account"),
        CredentialField("key", "Key"),
        CredentialField("secret", "Secret", secret=True),
        CredentialField("address", "Address", form="url"),
    ),
    signing=Signing(
        headers={"X-Key": "{key}", "X-Secret": "Pair {secret}"}, query={"account": "{account}"}
    ),
    hosts_required=True,
    probe=Probe("{address}/whoami"),
)
'''


def put_beside_the_others(folder: Path, patch: pytest.MonkeyPatch) -> Registry:
    """Write the one file, and find all types again: what is installed, and that one."""
    (folder / f"{TYPE}.py").write_text(SOURCE)
    patch.setattr(functions.credentials, "__path__", [*functions.credentials.__path__, str(folder)])
    # What one test has imported is not what the next one has written.
    patch.delitem(sys.modules, f"functions.credentials.{TYPE}", raising=False)
    found = declared("functions.credentials", "credential_type", CredentialType)
    known = installed()
    return Registry.of(known.nodes.values(), known.triggers.values(), found)
