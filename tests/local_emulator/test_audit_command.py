"""``treadle audit verify``, as somebody runs it who does not trust the database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from layers.clock import SystemClock
from layers.database import Database
from layers.identity.accounts import Accounts
from layers.identity.audit import AuditEvent, append
from layers.vault import Vault
from tests.tampering import change_audit_log
from tests.waiting import PATIENCE_S

TREADLE = str(Path(sys.executable).with_name("treadle"))


def verify(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TREADLE, "audit", "verify", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "TREADLE_DATABASE_URL": url},
    )


def signed_up(database: Database, email: str) -> str:
    accounts = Accounts(database, Vault(["a key for the tests only"]), SystemClock())
    workspace_id = accounts.sign_up(email, "correct horse battery", "Ada").workspace.id
    with database.writing() as connection:
        append(
            connection,
            [AuditEvent(workspace_id, "user:1", "test", "thing", {"n": n}) for n in range(4)],
        )
    return workspace_id


def test_a_changed_entry_is_found_and_named(database: Database, database_url: str) -> None:
    ada, eve = signed_up(database, "ada@example.com"), signed_up(database, "eve@example.com")
    whole = verify(database_url)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.count("5 entries, last hash ") == 2
    with database.writing() as connection:
        change = f"UPDATE audit_log SET actor = 'x' WHERE number = 3 AND workspace_id = '{eve}'"
        change_audit_log(connection, change)
    found = verify(database_url)
    assert found.returncode == 1
    assert f"whole   {ada}" in found.stdout
    assert f"CHANGED {eve}: entry 3 " in found.stdout
    assert verify(database_url, "--workspace", ada).returncode == 0
    assert verify(database_url, "--workspace", eve).returncode == 1
    assert verify(database_url, "--workspace", "nobody").returncode == 2
