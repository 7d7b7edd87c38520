"""The package policies that hold for the steps of a workspace."""

from __future__ import annotations

import time

from layers.database import Database
from layers.database.repositories.package_policies import PackagePolicies
from layers.packages.policies import Policies
from layers.packages.policy import PackagePolicy

FRESH_S = 1.0


class StepPolicies:
    """The instance's and a workspace's policy, read again after a second at the latest."""

    def __init__(self, database: Database, instance: PackagePolicy) -> None:
        self._database = database
        self._instance = instance
        self._known: dict[str, tuple[float, Policies]] = {}

    def __call__(self, workspace_id: str) -> Policies:
        """Return both; it may ask the database, so call it in a worker thread."""
        known = self._known.get(workspace_id)
        if known is not None and time.monotonic() - known[0] < FRESH_S:
            return known[1]
        policies = self.fresh(workspace_id)
        if len(self._known) > 1000:
            self._known.clear()
        self._known[workspace_id] = (time.monotonic(), policies)
        return policies

    def fresh(self, workspace_id: str) -> Policies:
        """The same as they are at this moment."""
        with self._database.read() as session:
            return Policies(self._instance, PackagePolicies(session, workspace_id).current())
