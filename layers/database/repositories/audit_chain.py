"""The statements that make an audit log a chain."""

from __future__ import annotations

from sqlalchemy import bindparam, text

# Holds other writers of these logs back until the commit, but not those who only refer to a
# workspace; always in the same order, so that two writers never wait for each other.
LOCK = text("SELECT id FROM workspaces WHERE id IN :ids ORDER BY id FOR NO KEY UPDATE").bindparams(
    bindparam("ids", expanding=True)
)
LOOK = text("SELECT id FROM workspaces WHERE id IN :ids ORDER BY id").bindparams(
    bindparam("ids", expanding=True)
)
KNOWN = text("SELECT id FROM audit_log WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
LAST = text(
    "SELECT number, hash FROM audit_log WHERE workspace_id = :id ORDER BY number DESC LIMIT 1"
)
APPEND = text(
    "INSERT INTO audit_log (id, workspace_id, number, at, actor, action, target, detail,"
    " previous_hash, hash) VALUES (:id, :workspace_id, :number, :at, :actor, :action, :target,"
    " :detail, :previous_hash, :hash)"
)
