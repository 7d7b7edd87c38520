"""What a workspace has beyond a plan: told before a change to it, and for as long as it is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Row, text

from billing.accounts.statuses import DAY_S
from billing.limits.entitlements import Entitlements
from billing.limits.retention import GRACE_DAYS as RETENTION_GRACE_DAYS
from billing.plans.plan import FREE
from billing.usage.ledger import used_in
from billing.usage.meters import COUNTED_LIMITS
from billing.usage.storage import stored_bytes
from layers import jsontext
from layers.clock import rfc3339
from layers.contract import SandboxUse
from layers.ids import bound_at

GRACE_DAYS = 14
"""So long more workflows stay active than a plan includes, before some are deactivated."""

Effect = Literal[
    "deactivated",
    "no_new_members",
    "no_activation",
    "steps_fail",
    "runs_end",
    "polled_less_often",
    "deleted",
    "not_available",
    "cannot_be_changed",
    "queue",
    "refuse",
]

ACTIVE = text(
    "SELECT w.id, w.name, v.definition, (SELECT e.created_at FROM executions e"
    " WHERE e.workflow_id = w.id ORDER BY e.id DESC LIMIT 1) AS ran_at"
    " FROM workflows w JOIN workflow_versions v ON v.id = w.active_version_id"
    " WHERE w.workspace_id = :workspace_id AND w.active AND w.deleted_at IS NULL"
)
MEMBERS = text(
    "SELECT u.id, u.name, u.email, m.role, m.created_at FROM memberships m"
    " JOIN users u ON u.id = m.user_id WHERE m.workspace_id = :workspace_id"
    " AND m.suspended_at IS NULL ORDER BY m.created_at, u.id"
)
MOST_COUNTED = 10_001
"""Nobody needs to know more exactly how many old executions there are."""
_OLD = (
    "FROM executions WHERE workspace_id = :workspace_id AND id < :bound AND finished_at < :before"
)
OLDEST = text(f"SELECT finished_at {_OLD} ORDER BY id LIMIT 1")
OLD = text(f"SELECT count(*) FROM (SELECT 1 {_OLD} LIMIT :most) AS old")  # noqa: S608 - our words
POLICY = text("SELECT 1 FROM workspace_package_policies WHERE workspace_id = :workspace_id")


@dataclass(frozen=True)
class Item:
    """One thing of what is too much. ``detail`` is what its limit is about.

    For workflows it is when they ran last (RFC 3339, or empty), for members their role, for steps
    how much they ask for, for executions when they will be deleted; their name is how many there
    are, at most ``MOST_COUNTED``.
    """

    id: str
    name: str
    detail: str


@dataclass(frozen=True)
class TooMuch:
    """A limit or a feature with what is beyond it, and what will become of that.

    ``at`` is from when on (Unix seconds); None where that is at once.
    """

    name: str
    limit: int
    used: int
    effect: Effect
    items: Sequence[Item] = field(default_factory=tuple)
    at: float | None = None


@dataclass(frozen=True)
class WorkflowDemand:
    """What the nodes of a workflow's version ask for, by what each is called."""

    sandbox: Mapping[str, SandboxUse] = field(default_factory=dict)
    pauses: Mapping[str, float] = field(default_factory=dict)
    """How many seconds pass between two starts by a trigger."""


DemandOf = Callable[[str], WorkflowDemand]
"""What a version asks for; it is given as its JSON text."""


def _no_demand(_definition: str) -> WorkflowDemand:
    return WorkflowDemand()


def too_much(
    connection: Connection,
    held: Entitlements,
    now: float,
    begins_at: float | None = None,
    demand_of: DemandOf = _no_demand,
) -> list[TooMuch]:
    """What is beyond ``held``, if that holds from ``begins_at`` on (now if left out)."""
    start = now if begins_at is None else begins_at
    workflows = active_workflows(connection, held.workspace_id)
    demands = [(row, demand_of(row.definition)) for row in workflows]
    # Only the end of a subscription gives old executions a while: ``retention.most_days``.
    kept_days = RETENTION_GRACE_DAYS if held.plan.plan == FREE else 0
    return [
        *_workflows(held, workflows, start + GRACE_DAYS * DAY_S),
        *_members(connection, held),
        *_storage(connection, held, now),
        *_sizes(held, demands),
        *_pauses(held, demands),
        *_history(connection, held, start, start + kept_days * DAY_S),
        *_features(connection, held, workflows),
        *_usage(connection, held, start),
    ]


def active_workflows(connection: Connection, workspace_id: str) -> list[Row[Any]]:
    """Rows of ``id``, ``name``, ``definition`` and ``ran_at``: those that ran last come first.

    This is the rule of what stays active where nobody chose. Those that never ran come last, of
    them and of others at one moment the older ones first.
    """
    rows = connection.execute(ACTIVE, {"workspace_id": workspace_id}).all()
    return sorted(rows, key=lambda one: (-(one.ran_at or 0.0), one.id))


def _workflows(
    held: Entitlements, workflows: Sequence[Row[Any]], deactivated_at: float
) -> Iterator[TooMuch]:
    limit = held.limit("active_workflows")
    if limit is not None and len(workflows) > limit:
        items = [Item(one.id, one.name, rfc3339(one.ran_at) or "") for one in workflows]
        used = len(workflows)
        yield TooMuch("active_workflows", limit, used, "deactivated", items, deactivated_at)


def _members(connection: Connection, held: Entitlements) -> Iterator[TooMuch]:
    limit = held.limit("members")
    if limit is None:
        return
    members = connection.execute(MEMBERS, {"workspace_id": held.workspace_id}).all()
    if len(members) > limit:
        items = [Item(one.id, one.name or one.email, one.role) for one in members]
        yield TooMuch("members", limit, len(members), "no_new_members", items)


def _storage(connection: Connection, held: Entitlements, now: float) -> Iterator[TooMuch]:
    limit = held.limit("storage_bytes")
    if limit is None:
        return
    stored = stored_bytes(connection, held.workspace_id, now)
    if stored > limit:
        yield TooMuch("storage_bytes", limit, stored, "no_activation")


def _sizes(
    held: Entitlements, demands: Sequence[tuple[Row[Any], WorkflowDemand]]
) -> Iterator[TooMuch]:
    """Steps that ask for more memory or time than the plan has, and workflows that run long."""
    memory, seconds = held.limit("sandbox_memory_mb"), held.limit("timeout_seconds")
    large: list[tuple[float, Item]] = []
    slow: list[tuple[float, Item]] = []
    long: list[tuple[float, Item]] = []
    for row, demand in demands:
        document = jsontext.loads(row.definition)
        whole = float((document.get("settings") or {}).get("timeout_s") or 0)
        if seconds is not None and whole > seconds:
            long.append((whole, Item(row.id, row.name, f"{whole:g}")))
        for name, used in demand.sandbox.items():
            if memory is not None and used.memory_mb > memory:
                item = Item(row.id, f"{row.name}: {name}", f"{used.memory_mb:g}")
                large.append((used.memory_mb, item))
            if seconds is not None and used.timeout_s > seconds:
                item = Item(row.id, f"{row.name}: {name}", f"{used.timeout_s:g}")
                slow.append((used.timeout_s, item))
    kinds: tuple[tuple[str, int | None, Effect, list[tuple[float, Item]]], ...] = (
        ("sandbox_memory_mb", memory, "steps_fail", large),
        ("timeout_seconds", seconds, "steps_fail", slow),
        ("timeout_seconds", seconds, "runs_end", long),
    )
    for limit_name, limit, effect, found in kinds:
        if limit is not None and found:
            most = round(max(one for one, _item in found))
            yield TooMuch(limit_name, limit, most, effect, [item for _one, item in found])


def _pauses(
    held: Entitlements, demands: Sequence[tuple[Row[Any], WorkflowDemand]]
) -> Iterator[TooMuch]:
    limit = held.limit("minimum_poll_seconds")
    if limit is None:
        return
    found = [
        (pause, Item(row.id, f"{row.name}: {node}", f"{pause:g}"))
        for row, demand in demands
        for node, pause in demand.pauses.items()
        if pause < limit
    ]
    if found:
        least = int(min(pause for pause, _item in found))
        items = [item for _pause, item in found]
        yield TooMuch("minimum_poll_seconds", limit, least, "polled_less_often", items)


def _history(
    connection: Connection, held: Entitlements, start: float, deleted_at: float
) -> Iterator[TooMuch]:
    """Executions that will be older than the plan keeps them, and when they go."""
    days = held.limit("retention_days")
    if days is None:
        return
    before = start - days * DAY_S
    values = {"workspace_id": held.workspace_id, "before": before, "bound": bound_at(before)}
    oldest = connection.execute(OLDEST, values).scalar_one_or_none()
    if oldest is not None:
        number = connection.execute(OLD, {**values, "most": MOST_COUNTED}).scalar_one()
        age = int((start - oldest) // DAY_S)
        item = Item("executions", str(number), rfc3339(deleted_at) or "")
        yield TooMuch("retention_days", days, age, "deleted", [item], deleted_at)


def _features(
    connection: Connection, held: Entitlements, workflows: Sequence[Row[Any]]
) -> Iterator[TooMuch]:
    """Features in use that the plan does not have."""
    if not held.features["package_policy"]:
        values = {"workspace_id": held.workspace_id}
        if connection.execute(POLICY, values).first() is not None:
            yield TooMuch("package_policy", 0, 1, "cannot_be_changed")
    if not held.features["error_workflows"]:
        using = [
            Item(one.id, one.name, "")
            for one in workflows
            if (jsontext.loads(one.definition).get("settings") or {}).get("error_workflow_id")
        ]
        if using:
            yield TooMuch("error_workflows", 0, len(using), "not_available", using)


def _usage(connection: Connection, held: Entitlements, start: float) -> Iterator[TooMuch]:
    """What of this month is beyond the plan already; nothing where it begins in another month."""
    if start >= held.period.end:
        return
    for name in COUNTED_LIMITS:
        ceiling = held.ceiling(name)
        if ceiling is None:
            continue
        used = used_in(connection, held.workspace_id, name, held.period)
        if used > ceiling:
            effect: Effect = "queue" if held.at_limit.get(name) == "queue" else "refuse"
            yield TooMuch(name, ceiling, used, effect, at=held.period.end)
