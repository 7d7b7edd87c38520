"""What counts as stored: every table of a workspace is in this list, or is an exception with why.

A test compares it with the models. Of a table all texts count, in bytes as they are in UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text

from layers.database.models import Base


@dataclass(frozen=True)
class StoredKind:
    """Tables that are shown as one; ``every_h`` is how many hours pass between two measures.

    What can have many rows and changes little is measured less often.
    """

    name: str
    tables: tuple[str, ...]
    every_h: int = 1


EXECUTIONS: tuple[StoredKind, ...] = (
    StoredKind("events", ("events",)),
    StoredKind("steps", ("steps", "step_parts", "step_logs")),
    StoredKind("executions", ("executions", "callbacks")),
)
"""Of executions: measured once, when they have ended; see ``execution_sizes``."""

OTHERS: tuple[StoredKind, ...] = (
    StoredKind("workflows", ("workflows", "workflow_drafts", "triggers", "trigger_acquisitions")),
    StoredKind("versions", ("workflow_versions", "workflow_version_locks"), every_h=6),
    StoredKind("node_history", ("node_history",), every_h=6),
    StoredKind("credentials", ("credentials", "variables", "workspace_package_policies")),
)
"""Everything else in the database."""

FILES = "files"
"""What is in the artifact store."""

_OF_STRIPE = "copies of what is at Stripe"
_OF_BILLING = "what Treadle keeps to bill by"
_ENDS = "they end by themselves"
EXCEPTIONS: dict[str, str] = {
    "api_keys": "names of a few words each, of people",
    "artifact_refs": "names of files, which count themselves",
    "audit_log": "it cannot be deleted, and is kept for the sake of who runs the instance, too",
    "billing_accounts": _OF_BILLING,
    "billing_alerts": "what Treadle says",
    "billing_terms": _OF_BILLING,
    "budgets": "how the workspace bounds itself",
    "checkouts": _OF_BILLING,
    "credit_grants": _OF_BILLING,
    "credit_notes": _OF_STRIPE,
    "credit_uses": _OF_BILLING,
    "event_keys": _ENDS,
    "execution_size_totals": "the measure itself",
    "execution_sizes": "the measure itself",
    "invitations": _ENDS,
    "invoice_items": _OF_BILLING,
    "invoices": _OF_STRIPE,
    "memberships": "who belongs to the workspace",
    "oauth_attempts": _ENDS,
    "overage_totals": _OF_BILLING,
    "payments": _OF_STRIPE,
    "plan_overrides": "what the administrator granted",
    "refunds": _OF_STRIPE,
    "sessions": _ENDS,
    "stored_sizes": "the measure itself",
    "stripe_events": _OF_STRIPE,
    "stripe_requests": _OF_BILLING,
    "subscription_changes": _OF_BILLING,
    "surplus_subscriptions": _OF_BILLING,
    "trials_taken": _OF_BILLING,
    "usage_counters": _OF_BILLING,
    "usage_hours": _OF_BILLING,
    "usage_ledger": _OF_BILLING,
    "usage_overage": _OF_BILLING,
    "usage_pushes": _OF_BILLING,
    "usage_reservations": _ENDS,
    "webhook_paths": "addresses of a few words each",
}
"""Tables with texts that do not count, by why."""


def texts_of(table: str) -> list[str]:
    """The columns of a table that hold texts."""
    columns = Base.metadata.tables[table].columns
    return [one.name for one in columns if isinstance(one.type, Text)]


def bytes_of(table: str, alias: str, dialect: str) -> str:
    """SQL for how many bytes the texts of a row take.

    PostgreSQL knows it without reading what is stored apart from the row; SQLite before 3.43 has
    no ``octet_length``.
    """
    written = "octet_length({})" if dialect == "postgresql" else "length(CAST({} AS BLOB))"
    return " + ".join(
        f"coalesce({written.format(f'{alias}.{name}')}, 0)" for name in texts_of(table)
    )
