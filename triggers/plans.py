"""The plans of versions whose triggers are looked at, compiled once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from layers import jsontext
from layers.catalogue import Catalogue
from layers.contract import NodeError
from layers.database import Database
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.plans import READ_VERSION

KEPT = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    plan: Plan
    workspace_id: str
    generation: int


class Plans:
    """Keeps the plans that were used last, each as long as its node types are the same."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue
        self._known: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, version_id: str) -> Plan:
        """The plan of a version; it may read the database, so not to be called on the loop.

        Raises InvalidInput if the version does not compile any more, NodeError if it is gone.
        """
        with self._lock:
            kept = self._known.get(version_id)
            if kept and self._catalogue.generation(kept.workspace_id) == kept.generation:
                self._known.move_to_end(version_id)
                return kept.plan
        with self._database.reading() as connection:
            found = connection.execute(READ_VERSION, {"id": version_id}).one_or_none()
        if found is None:
            raise NodeError("The version of the workflow is gone; activate the workflow again.")
        # Asked before the plan is made: what is installed meanwhile makes it be made again.
        generation = self._catalogue.generation(found.workspace_id)
        plan = compile_plan(
            jsontext.loads(found.definition), self._catalogue, found.workspace_id, stored=True
        )
        with self._lock:
            self._known[version_id] = _Kept(plan, found.workspace_id, generation)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return plan
