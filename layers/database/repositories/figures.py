"""Counts over the whole instance, for its operator: none reads what has ended long ago."""

from __future__ import annotations

from sqlalchemy import Connection, text

from layers.ids import bound_at

OPEN = text("SELECT status, count(*) FROM executions WHERE finished_at IS NULL GROUP BY status")
READ = text("SELECT name, number FROM instance_totals")
COUNTED_TO = "SELECT counted_to FROM instance_totals WHERE name = 'accepted'"
LOOK = text(COUNTED_TO)
LOCK = text(COUNTED_TO + " FOR UPDATE")
ACCEPTED = text("SELECT count(*) FROM executions WHERE id >= :from AND id < :to")
ENDED = text(
    "SELECT status, count(*) FROM executions WHERE finished_at >= :since AND finished_at < :to"
    " GROUP BY status"
)
ADD = text(
    "UPDATE instance_totals SET number = number + :number, counted_to = :to WHERE name = :name"
)


def open_executions(connection: Connection) -> dict[str, int]:
    """How many executions there are in each state that is not an end."""
    return {status: int(count) for status, count in connection.execute(OPEN)}


def totals(connection: Connection) -> dict[str, int]:
    """How many were ever accepted, and ended in each final state; what was deleted counts."""
    return {row.name: int(row.number) for row in connection.execute(READ)}


def count_up(connection: Connection, to: float) -> None:
    """Add to the totals what was accepted and what ended since they were counted, before ``to``.

    Two who do so at once take turns, so that nothing counts twice.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    # What was accepted says how far all are counted.
    since = connection.execute(LOOK if is_sqlite else LOCK).scalar_one()
    if to <= since:
        return
    accepted = connection.execute(ACCEPTED, {"from": bound_at(since), "to": bound_at(to)})
    found = {"accepted": int(accepted.scalar_one())}
    ended = connection.execute(ENDED, {"since": since, "to": to})
    found |= {status: int(count) for status, count in ended}
    connection.execute(
        ADD, [{"name": name, "number": number, "to": to} for name, number in found.items()]
    )
