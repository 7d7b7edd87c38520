"""The webhooks that listen at an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, RowMapping, bindparam, text

FIND = text(
    "SELECT id, workspace_id, workflow_id, version_id, node_id, route FROM triggers"
    " WHERE (route IN :routes OR route_group = :route_group) AND state <> 'stopped'"
).bindparams(bindparam("routes", expanding=True))


@dataclass(frozen=True, slots=True)
class HookRow:
    """A webhook's trigger; ``route`` is its method and path."""

    id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    node_id: str
    route: str

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``triggers``."""
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            workflow_id=row["workflow_id"],
            version_id=row["version_id"],
            node_id=row["node_id"],
            route=row["route"],
        )


def listening_hooks(
    connection: Connection, routes: Sequence[str], route_group: str
) -> list[HookRow]:
    """Those with one of these routes, and those with parameters that share this group."""
    values = {"routes": list(routes), "route_group": route_group}
    return [HookRow.from_mapping(row) for row in connection.execute(FIND, values).mappings()]
