"""Rows of triggers, as those who have claimed one see them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from sqlalchemy import RowMapping


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A claimed trigger. ``cursor`` and ``acquired`` are JSON text, None where there is none."""

    id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    node_id: str
    type: str
    cursor: str | None
    acquired: str | None
    epoch: int
    nudges: int
    failures: int
    listen_epoch: int
    listen_failures: int

    @classmethod
    def read(cls, row: RowMapping) -> Self:
        """Make one of a row of the table; what else the row has is left out."""
        return cls(**{one.name: row[one.name] for one in fields(cls)})
