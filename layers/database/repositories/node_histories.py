"""What the nodes of a workflow remember, as people see it and clear it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from layers.database.models import NodeHistory


class NodeHistories:
    """The histories of a workspace's nodes."""

    def __init__(self, session: Session, workspace_id: str) -> None:
        self._session = session
        self._workspace_id = workspace_id

    def of(self, workflow_id: str) -> Sequence[Any]:
        """A row for each node: ``node_id``, ``entries``, ``oldest_at``, ``latest_at``, ``last``."""
        is_key = NodeHistory.key != ""
        query = (
            select(
                NodeHistory.node_id,
                func.sum(case((is_key, 1), else_=0)).label("entries"),
                func.min(NodeHistory.at).label("oldest_at"),
                func.max(NodeHistory.at).label("latest_at"),
                func.max(case((is_key, None), else_=NodeHistory.value)).label("last"),
            )
            .where(
                NodeHistory.workspace_id == self._workspace_id,
                NodeHistory.workflow_id == workflow_id,
                NodeHistory.committed,
            )
            .group_by(NodeHistory.node_id)
            .order_by(NodeHistory.node_id)
        )
        return self._session.execute(query).all()

    def forget(self, workflow_id: str, node_id: str | None = None) -> int:
        """Clear what all nodes, or one of them, remember; returns how many entries that were."""
        query = delete(NodeHistory).where(
            NodeHistory.workspace_id == self._workspace_id,
            NodeHistory.workflow_id == workflow_id,
            NodeHistory.committed,
        )
        if node_id is not None:
            query = query.where(NodeHistory.node_id == node_id)
        return int(self._session.execute(query).rowcount)  # type: ignore[attr-defined]
