"""The plans of versions whose triggers are looked at, compiled once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy import text

from layers import jsontext
from layers.contract import NodeError
from layers.database import Database
from layers.engine.core.plan import Plan, compile_plan
from layers.registry import Registry

READ_VERSION = text("SELECT definition FROM workflow_versions WHERE id = :id")
KEPT = 200


class Plans:
    """Keeps the plans that were used last. Versions never change, so they are never stale."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry
        self._known: OrderedDict[str, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, version_id: str) -> Plan:
        """The plan of a version; it may read the database, so not to be called on the loop.

        Raises InvalidInput if the version does not compile any more, NodeError if it is gone.
        """
        with self._lock:
            if version_id in self._known:
                self._known.move_to_end(version_id)
                return self._known[version_id]
        with self._database.reading() as connection:
            found = connection.execute(READ_VERSION, {"id": version_id}).scalar_one_or_none()
        if found is None:
            raise NodeError("The version of the workflow is gone; activate the workflow again.")
        plan = compile_plan(jsontext.loads(found), self._registry, stored=True)
        with self._lock:
            self._known[version_id] = plan
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return plan
