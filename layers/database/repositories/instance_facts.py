"""What an instance knows of itself, by name: each fact a text."""

from __future__ import annotations

from sqlalchemy import Connection, text

READ = text("SELECT value FROM instance_facts WHERE name = :name")
CLAIM = text(
    "INSERT INTO instance_facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"
)
SET = text(
    "INSERT INTO instance_facts (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def read_fact(connection: Connection, name: str) -> str | None:
    """What is known under a name; None where nothing is."""
    found: str | None = connection.execute(READ, {"name": name}).scalar_one_or_none()
    return found


def claim_fact(connection: Connection, name: str, value: str) -> str:
    """Write a fact unless it is there; returns what is there then, whoever wrote it."""
    connection.execute(CLAIM, {"name": name, "value": value})
    return str(connection.execute(READ, {"name": name}).scalar_one())


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Write a fact in place of what was known."""
    connection.execute(SET, {"name": name, "value": value})
