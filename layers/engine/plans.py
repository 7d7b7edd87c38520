"""The plans of workflow versions, each compiled once."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress

from sqlalchemy import text

from layers import jsontext
from layers.database import Database
from layers.engine.core.plan import Plan, compile_plan
from layers.registry import Registry
from layers.work import DATABASE

PLANS_KEPT = 500

READ_VERSION = text("SELECT definition FROM workflow_versions WHERE id = :id")
FIND_WORKFLOW = text(
    "SELECT coalesce(active_version_id, latest_version_id) AS version_id"
    " FROM workflows WHERE workspace_id = :workspace_id AND id = :id AND deleted_at IS NULL"
)


class Plans:
    """Plans by the id of their version, the last ones that were asked for."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry
        self._kept: OrderedDict[str, Plan] = OrderedDict()

    async def of(self, version_id: str) -> Plan:
        """The plan of a workflow version; raises InvalidInput where it does not compile."""
        known = self._kept.get(version_id)
        if known is None:
            return await DATABASE.run(self._compile, version_id)
        # Another thread may just have let go of it.
        with suppress(KeyError):
            self._kept.move_to_end(version_id)
        return known

    async def version_of(self, workspace_id: str, workflow_id: str) -> str | None:
        """The version that runs when a workflow is called; None where there is no workflow."""
        return await DATABASE.run(self._version_of, workspace_id, workflow_id)

    def clear(self) -> None:
        """Compile all of them anew."""
        self._kept.clear()

    def _compile(self, version_id: str) -> Plan:
        with self._database.asking() as connection:
            definition = connection.execute(READ_VERSION, {"id": version_id}).scalar_one()
        plan = compile_plan(jsontext.loads(definition), self._registry, stored=True)
        self._kept[version_id] = plan
        while len(self._kept) > PLANS_KEPT:
            self._kept.popitem(last=False)
        return plan

    def _version_of(self, workspace_id: str, workflow_id: str) -> str | None:
        values = {"workspace_id": workspace_id, "id": workflow_id}
        with self._database.asking() as connection:
            version_id: str | None = connection.execute(FIND_WORKFLOW, values).scalar_one_or_none()
            return version_id
