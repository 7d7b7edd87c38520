"""The plans of workflow versions, each compiled once and kept while its types are the same."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import text

from layers import jsontext
from layers.catalogue import Catalogue
from layers.database import Database
from layers.engine.core.plan import Plan, compile_plan
from layers.work import DATABASE

PLANS_KEPT = 500

READ_VERSION = text("SELECT workspace_id, definition FROM workflow_versions WHERE id = :id")
FIND_WORKFLOW = text(
    "SELECT coalesce(active_version_id, latest_version_id) AS version_id"
    " FROM workflows WHERE workspace_id = :workspace_id AND id = :id AND deleted_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class _Kept:
    plan: Plan
    workspace_id: str
    generation: int


class Plans:
    """Plans by the id of their version, the last ones that were asked for."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def of(self, version_id: str) -> Plan:
        """The plan of a workflow version; raises InvalidInput where it does not compile."""
        kept = self._kept.get(version_id)
        if kept is None or self._catalogue.generation(kept.workspace_id) != kept.generation:
            return await DATABASE.run(self._compile, version_id)
        # Another thread may just have let go of it.
        with suppress(KeyError):
            self._kept.move_to_end(version_id)
        return kept.plan

    async def version_of(self, workspace_id: str, workflow_id: str) -> str | None:
        """The version that runs when a workflow is called; None where there is no workflow."""
        return await DATABASE.run(self._version_of, workspace_id, workflow_id)

    def clear(self) -> None:
        """Compile all of them anew."""
        self._kept.clear()

    def _compile(self, version_id: str) -> Plan:
        with self._database.asking() as connection:
            row = connection.execute(READ_VERSION, {"id": version_id}).one()
        # Asked before the plan is made: what is installed meanwhile makes it be made again.
        generation = self._catalogue.generation(row.workspace_id)
        plan = compile_plan(
            jsontext.loads(row.definition), self._catalogue, row.workspace_id, stored=True
        )
        self._kept[version_id] = _Kept(plan, row.workspace_id, generation)
        while len(self._kept) > PLANS_KEPT:
            self._kept.popitem(last=False)
        return plan

    def _version_of(self, workspace_id: str, workflow_id: str) -> str | None:
        values = {"workspace_id": workspace_id, "id": workflow_id}
        with self._database.asking() as connection:
            version_id: str | None = connection.execute(FIND_WORKFLOW, values).scalar_one_or_none()
            return version_id
