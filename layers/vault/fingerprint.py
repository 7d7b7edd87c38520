"""Whether the key ring at hand belongs to this database, asked before anything is served."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from layers.database import Database
from layers.database.models import Workspace
from layers.database.repositories.instance_facts import claim_fact, set_fact
from layers.errors import SetupError
from layers.vault.vault import Vault, WorkspaceKey

FACT = "secret_key_fingerprint"
PAGE = 500


def check_fingerprint(vault: Vault, database: Database) -> None:
    """Remember the ring's first key at the first start; later refuse a ring without it.

    Raises SetupError with the fix when the ring cannot open this database's secrets.
    """
    with database.write() as session:
        known = claim_fact(session.connection(), FACT, vault.ring.first.id)
    if vault.ring.find(known) is None:
        found = ", ".join(key.id for key in vault.ring)
        raise SetupError(
            f"TREADLE_SECRET_KEYS does not belong to this database: it was set up with the key"
            f" whose fingerprint is {known}, but the ring holds {found}. Put the former key back,"
            " or append it to the list after the new one (new,old) to change keys."
        )


def rewrap(vault: Vault, database: Database) -> int:
    """Seal every workspace's key anew with the first key; return how many were changed.

    Afterwards the other keys can be taken off the ring. It goes on where it stopped if it is
    interrupted, because keys that are sealed by the first key already are left alone.
    """
    changed, last = 0, ""
    while True:
        with database.write() as session:
            rows = _page(session, last)
            for workspace in rows:
                changed += _rewrap_one(vault, session, workspace)
        if not rows:
            break
        last = rows[-1].workspace_id
    with database.write() as session:
        set_fact(session.connection(), FACT, vault.ring.first.id)
    return changed


def _page(session: Session, after: str) -> list[WorkspaceKey]:
    rows = (
        session.query(Workspace.id, Workspace.sealed_key)
        .where(Workspace.id > after)
        .order_by(Workspace.id)
        .limit(PAGE)
        .with_for_update()
    )
    return [WorkspaceKey(row.id, row.sealed_key) for row in rows]


def _rewrap_one(vault: Vault, session: Session, workspace: WorkspaceKey) -> int:
    if vault.is_wrapped_by_first(workspace):
        return 0
    session.execute(
        update(Workspace)
        .where(Workspace.id == workspace.workspace_id)
        .values(sealed_key=vault.rewrap_workspace_key(workspace))
    )
    return 1
