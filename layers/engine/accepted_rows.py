"""The rows of what was accepted: an event and its execution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from layers.database.columns import NUMBER, as_columns, kinds_of, unnested
from layers.database.models import Base

_EVENT = "id, workspace_id, execution_id, source, dedup_key, payload, artifact, received_at"
_EVENT_VALUES = "event_id, workspace_id, id, source, dedup_key, payload, artifact, now"
_EXECUTION = (
    "id, workspace_id, workflow_id, version_id, event_id, trigger_node_id, manual, status, due_at,"
    " lease_owner, epoch, crashes, parent_id, parent_step, depth, retry_of, active_s, created_at,"
    " started_at, scope, held_for, followed"
)
# What a person starts, that person follows.
_EXECUTION_VALUES = (
    "id, workspace_id, workflow_id, version_id, event_id, trigger_node_id, manual, status, due_at,"
    " lease_owner, epoch, 0, parent_id, parent_step, depth, retry_of, 0, now, started_at, scope,"
    " held_for, manual"
)
_TABLES = Base.metadata.tables
_KINDS: Mapping[str, str] = {
    **kinds_of(_TABLES["events"], ("source", "dedup_key", "payload", "artifact")),
    **kinds_of(
        _TABLES["executions"],
        (
            *("id", "workspace_id", "workflow_id", "version_id", "event_id", "trigger_node_id"),
            *("manual", "status", "due_at", "lease_owner", "epoch", "parent_id", "parent_step"),
            *("depth", "retry_of", "started_at", "scope", "held_for"),
        ),
    ),
    "now": NUMBER,
}


def _named(values: str) -> str:
    """The same values as parameters."""
    return re.sub(r"[a-z_]+", r":\g<0>", values)


INSERT_EVENT = text(
    f"INSERT INTO events ({_EVENT}) VALUES ({_named(_EVENT_VALUES)})"  # noqa: S608 - our names
    " ON CONFLICT (id) DO NOTHING"
)
INSERT_EXECUTION = text(
    f"INSERT INTO executions ({_EXECUTION}) VALUES ({_named(_EXECUTION_VALUES)})"  # noqa: S608 - our names
    " ON CONFLICT (id) DO NOTHING"
)
# Accepted again after a lost answer, both are there already.
INSERT_BOTH = text(
    f"WITH given AS (SELECT * FROM {unnested(_KINDS)}),"  # noqa: S608 - our names
    f" written AS (INSERT INTO events ({_EVENT}) SELECT {_EVENT_VALUES} FROM given"
    " ON CONFLICT (id) DO NOTHING)"
    f" INSERT INTO executions ({_EXECUTION}) SELECT {_EXECUTION_VALUES} FROM given"
    " ON CONFLICT (id) DO NOTHING"
).execution_options(deferred=True)


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write events and their executions; those that are there already change nothing.

    A row holds an execution's columns, its event's ``event_id``, ``source``, ``dedup_key``,
    ``payload`` and ``artifact``, and ``now``, in Unix seconds.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(INSERT_EVENT, rows)
        connection.execute(INSERT_EXECUTION, rows)
    else:
        connection.execute(INSERT_BOTH, as_columns(_KINDS, rows))
