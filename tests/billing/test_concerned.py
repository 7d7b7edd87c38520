"""Of whom there is something to tell: found by as many statements as for one workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, text

from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, raise_alert
from billing.alerts.concerned import concerned
from billing.limits.entitlements import all_entitlements
from billing.usage.ledger import record, used_in
from layers.database import Database
from layers.engine.metering import EXECUTIONS, Usage
from layers.settings import BillingMode, BillingSettings

NOW = 1_795_700_000.0
ON = BillingSettings(mode=BillingMode.ON)


def add(database: Database, *names: str) -> None:
    with database.writing() as connection:
        statement = (
            "INSERT INTO workspaces (id, name, sealed_key, created_at) VALUES (:id, '', '', 0)"
        )
        connection.execute(text(statement), [{"id": name} for name in names])


def use(database: Database, name: str, meter: str, share: float, ago: float = 0.0) -> None:
    """Use so much of what the workspace can use within a month."""
    with database.writing() as connection:
        held = all_entitlements(connection, ON, NOW)[name]
        ceiling = held.ceiling({"ai_input_tokens": "ai_tokens"}.get(meter, meter))
        assert ceiling is not None
        used = Usage(name, meter, f"{meter}:{share}:{ago}", int(ceiling * share), NOW - ago)
        record(connection, [used], NOW)


def found(database: Database) -> set[str]:
    with database.reading() as connection:
        return concerned(connection, all_entitlements(connection, ON, NOW), NOW)


def test_who_has_used_half_of_a_limit(database: Database) -> None:
    add(database, "counted", "calls", "tokens", "little", "nothing", "before")
    with database.writing() as connection:
        month = all_entitlements(connection, ON, NOW)["counted"].period
        used_in(connection, "counted", EXECUTIONS, month, lock=True)
    use(database, "counted", "executions", 0.6)
    use(database, "calls", "api_calls", 0.6)
    use(database, "tokens", "ai_input_tokens", 0.6)
    use(database, "little", "api_calls", 0.3)
    use(database, "before", "api_calls", 0.9, ago=40 * DAY_S)
    assert found(database) == {"counted", "calls", "tokens"}


def test_who_was_told_something_that_may_have_ended(database: Database) -> None:
    add(database, "told", "over", "other")
    with database.writing() as connection:
        for name, kind in (("told", "usage"), ("other", "refund")):
            raise_alert(connection, Alert(name, kind, "key", "info", {}), NOW)
    assert found(database) == {"told"}


def test_who_uses_ten_times_as_much_as_usual(database: Database) -> None:
    add(database, "sudden", "always", "few", "new")
    each = {"sudden": (200, 10), "always": (100, 60), "few": (50, 1), "new": (200, 0)}
    with database.writing() as connection:
        for name, (today, before) in each.items():
            usages = [Usage(name, "executions", "today", today, NOW)]
            usages += [
                Usage(name, "executions", f"{day}", before, NOW - day * DAY_S)
                for day in range(2, 7)
                if before
            ]
            record(connection, usages, NOW)
    assert found(database) == {"sudden"}


def test_it_asks_no_more_where_there_are_more_workspaces(database: Database) -> None:
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    add(database, "w0")
    event.listen(database.engine, "before_cursor_execute", note)
    found(database)
    alone = len(statements)
    add(database, *(f"w{number}" for number in range(1, 30)))
    statements.clear()
    found(database)
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(statements) == alone
