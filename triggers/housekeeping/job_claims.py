"""Which scheduler does which job: a lease by job, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from triggers.housekeeping.job import Job

LIST = text(
    "INSERT INTO housekeeping_jobs (name, due_at, epoch, failures) VALUES (:name, :due_at, 0, 0)"
    " ON CONFLICT (name) DO NOTHING"
)
TAKE = text(
    "UPDATE housekeeping_jobs SET lease_owner = :owner, due_at = :until, epoch = epoch + 1"
    " WHERE name = :name AND due_at <= :now RETURNING epoch, failures, failing_since"
)
RENEW = text("UPDATE housekeeping_jobs SET due_at = :until WHERE name = :name AND epoch = :epoch")
DONE = text(
    "UPDATE housekeeping_jobs SET lease_owner = NULL, due_at = :due_at, failures = 0,"
    " failing_since = NULL, error = NULL, succeeded_at = :now"
    " WHERE name = :name AND epoch = :epoch"
)
FAILED = text(
    "UPDATE housekeeping_jobs SET lease_owner = NULL, due_at = :due_at, failures = failures + 1,"
    " failing_since = coalesce(failing_since, :now), error = :error"
    " WHERE name = :name AND epoch = :epoch"
)
RELEASE = text(
    "UPDATE housekeeping_jobs SET lease_owner = NULL, due_at = :now"
    " WHERE substr(lease_owner, 1, :length) = :beginning"
)


@dataclass(frozen=True, slots=True)
class JobLease:
    """A job that is ours, and how often in a row it failed since when."""

    name: str
    epoch: int
    failures: int
    failing_since: float | None


def put_on_list(connection: Connection, jobs: Sequence[Job], now: float) -> None:
    """Have rows for these jobs; those that are there already keep what they say."""
    rows = [{"name": job.name, "due_at": now + job.first_after_s} for job in jobs]
    connection.execute(LIST, rows)


def take(
    connection: Connection, name: str, owner: str, now: float, lease_s: float
) -> JobLease | None:
    """Take a job that is due and that nobody does; None if it is not."""
    values = {"name": name, "owner": owner, "now": now, "until": now + lease_s}
    row = connection.execute(TAKE, values).one_or_none()
    return None if row is None else JobLease(name, row.epoch, row.failures, row.failing_since)


def renew(connection: Connection, lease: JobLease, until: float) -> None:
    """Extend a lease while the job goes on."""
    connection.execute(RENEW, {"name": lease.name, "epoch": lease.epoch, "until": until})


def done(connection: Connection, lease: JobLease, now: float, due_at: float) -> None:
    """Note that it is done, and when it is due again."""
    values = {"name": lease.name, "epoch": lease.epoch, "now": now, "due_at": due_at}
    connection.execute(DONE, values)


def failed(connection: Connection, lease: JobLease, error: str, now: float, due_at: float) -> None:
    """Note that it failed, and when it is tried again."""
    values = {"name": lease.name, "epoch": lease.epoch, "now": now, "due_at": due_at}
    connection.execute(FAILED, values | {"error": error})


def release(connection: Connection, beginning: str, now: float) -> None:
    """Give up the leases of owners whose name begins so."""
    values = {"beginning": beginning, "length": len(beginning), "now": now}
    connection.execute(RELEASE, values)
