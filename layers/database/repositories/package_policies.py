"""What workspaces let their Python steps bring."""

from __future__ import annotations

from sqlalchemy import text

from layers.database.models import WorkspacePackagePolicy
from layers.database.repositories.scope import Scoped
from layers.jsontext import dumps, loads
from layers.packages.policy import ANYTHING, PackagePolicy

PUT = text(
    "INSERT INTO workspace_package_policies (workspace_id, policy, updated_at)"
    " VALUES (:workspace_id, :policy, :now)"
    " ON CONFLICT (workspace_id) DO UPDATE SET"
    " policy = excluded.policy, updated_at = excluded.updated_at"
)


class PackagePolicies(Scoped[WorkspacePackagePolicy]):
    """The package policy of a workspace."""

    model = WorkspacePackagePolicy

    def current(self) -> PackagePolicy:
        """The policy; one that refuses nothing where none was set."""
        row = self.session.scalars(self.query()).one_or_none()
        return ANYTHING if row is None else PackagePolicy.from_json(loads(row.policy))

    def put(self, policy: PackagePolicy, moment: float) -> None:
        """Set the policy."""
        values = {
            "workspace_id": self.workspace_id,
            "policy": dumps(policy.as_json()),
            "now": moment,
        }
        self.session.execute(PUT, values)
