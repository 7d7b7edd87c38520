"""Hosts of credentials: those with a known service get its hosts.

An empty list meant any host and now means none. Of credentials that are connected with Google or
Microsoft it is known where their tokens belong. The others go nowhere until somebody who has the
secret chooses their hosts; the step that would have sent it says so, and names the host.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HOSTS = {
    "google_oauth2": '["*.googleapis.com"]',
    "microsoft_oauth2": '["graph.microsoft.com"]',
}
UPDATE = sa.text(
    "UPDATE credentials SET allowed_hosts = :hosts WHERE type = :type AND allowed_hosts = '[]'"
)


def upgrade() -> None:
    """Give them the hosts of their service."""
    for kind, hosts in HOSTS.items():
        op.execute(UPDATE.bindparams(hosts=hosts, type=kind))


def downgrade() -> None:
    """Leave the hosts: nobody can tell which were chosen, and fewer are no harm."""
