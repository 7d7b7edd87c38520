"""The schema of the code and the schema that migrating gives are the same, up and down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from layers import jsontext
from layers.database import Database
from layers.database.migrate import downgrade, upgrade
from layers.database.models import Base, TenantBase
from layers.database.schema_version import is_current
from layers.engine.step_logs import by_attempt, read_logs

GOES_BY_TRIGGER = {
    *("fk_steps_execution_id", "fk_steps_workspace_id"),
    *("fk_events_workspace_id", "fk_executions_workspace_id"),
    *("fk_step_logs_execution_id", "fk_step_parts_execution_id", "fk_callbacks_execution_id"),
    *("fk_artifact_refs_execution_id", "fk_execution_sizes_execution_id"),
}
"""Foreign keys that PostgreSQL does without: each would be a statement for each row."""

SUMS = "SELECT event_bytes, step_bytes, execution_bytes FROM execution_size_totals"
OF_AN_EXECUTION: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "steps": lambda _: {**PLACE, "status": "running", "attempt": 1, "sources": "[]", **STARTED},
    "step_parts": lambda _: {**PLACE, "part": 0, **CREATED},
    "step_logs": lambda _: {
        **PLACE,
        **CREATED,
        "position": 0,
        "attempt": 1,
        "stream": "log",
        "text": '"x"',
    },
    "callbacks": lambda name: {"id": name, "payload": "{}", "taken": False, **CREATED},
    "artifact_refs": lambda _: {"owner": "event", "digest": "d", "is_unread": False},
    "execution_sizes": lambda _: {"event_bytes": 1, "step_bytes": 10, "execution_bytes": 100},
}
"""A row of each table whose rows belong to executions, without its names for those."""
PLACE = {"node_id": "n", "run_index": 0}
STARTED = {"started_at": 5.0}
CREATED = {"created_at": 5.0}


def test_migrating_gives_the_models(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        found = compare_metadata(context, Base.metadata)
    assert {constraint.name for _kind, constraint in found} == (
        set() if database.is_sqlite else GOES_BY_TRIGGER
    )
    assert all(kind == "add_fk" for kind, _constraint in found)
    assert is_current(database)


def test_what_belongs_to_executions_goes_with_them(database: Database) -> None:
    of = {"workspace_id": "w"}
    with database.writing() as connection:
        workspace = {"id": "w", "name": "w", "sealed_key": "k", "created_at": 0.0}
        insert(connection, "workspaces", workspace)
        sums = {"event_bytes": 4, "step_bytes": 40, "execution_bytes": 400}
        insert(connection, "execution_size_totals", {**sums, **of})
        for workflow_id, executions in {"f": "abc", "g": "d"}.items():
            workflow = {"id": workflow_id, "name": "f", "latest_version": 1}
            times = {"latest_version_id": "v", "created_at": 1.0, "updated_at": 1.0}
            insert(connection, "workflows", {**workflow, "active": False, **times, **of})
            for name in executions:
                row = {"id": name, "workflow_id": workflow_id, "version_id": "v", "event_id": name}
                row |= {"manual": False, "status": "succeeded", "epoch": 1, "crashes": 0}
                row |= {"depth": 0, "active_s": 0.0, "created_at": 5.0, **of}
                insert(connection, "executions", row)
                event = {"id": name, "execution_id": name, "dedup_key": name, "source": "s"}
                insert(connection, "events", {**event, "received_at": 5.0, **of})
                for table, more in OF_AN_EXECUTION.items():
                    insert(connection, table, {"execution_id": name, **more(name), **of})
    for ended, left in (
        ("DELETE FROM executions WHERE id = 'a'", "bcd"),
        ("DELETE FROM executions WHERE id IN ('b', 'none')", "cd"),
        ("DELETE FROM workflows WHERE id = 'f'", "d"),
        ("DELETE FROM workspaces", ""),
    ):
        with database.writing() as connection:
            connection.execute(text(ended))
        with database.reading() as connection:
            for table in ("events", *OF_AN_EXECUTION):
                found = connection.scalars(text(f"SELECT execution_id FROM {table} ORDER BY 1"))
                assert "".join(found) == left, (ended, table)
            totals = connection.execute(text(SUMS)).all()
        much = len(left)
        assert [tuple(row) for row in totals] == [(much, much * 10, much * 100)][:much]
    with database.reading() as connection:
        for table in ("workflows", "executions"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_migrations_go_up_down_and_up_again(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        assert not is_current(database)
        upgrade(database)
        tables = set(inspect(database.engine).get_table_names())
        assert set(Base.metadata.tables) <= tables
        upgrade(database)
        downgrade(database, "base")
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
        upgrade(database)
        assert is_current(database)
    finally:
        database.close()


def test_hosts_are_given_to_credentials_whose_service_is_known(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    places = [
        ("google_oauth2", "[]", '["*.googleapis.com"]'),
        ("microsoft_oauth2", "[]", '["graph.microsoft.com"]'),
        ("google_oauth2", '["a.example"]', '["a.example"]'),
        ("http_bearer", "[]", "[]"),
    ]
    try:
        upgrade(database, "0008")
        with database.writing() as connection:
            workspace = {"id": "w", "name": "w", "sealed_key": "k", "created_at": 0.0}
            insert(connection, "workspaces", workspace)
            for number, (kind, hosts, _) in enumerate(places):
                row = {"id": str(number), "workspace_id": "w", "name": "c", "type": kind}
                row |= {"sealed": "s", "public": "{}", "allowed_hosts": hosts}
                insert(connection, "credentials", {**row, "created_at": 0.0, "updated_at": 0.0})
        upgrade(database)
        read = "SELECT allowed_hosts FROM credentials ORDER BY id"
        with database.reading() as connection:
            found = [row.allowed_hosts for row in connection.execute(text(read))]
        assert found == [after for _, _, after in places]
    finally:
        database.close()


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def test_every_table_of_a_workspace_goes_with_it() -> None:
    instance_wide = {"users", "workspaces", "instance_facts", "instance_totals", "throttles"}
    instance_wide |= {"plan_versions", "stripe_events", "instance_alerts", "trials_taken"}
    instance_wide |= {"housekeeping_jobs"}
    # The books are kept when a workspace goes.
    instance_wide |= {"usage_ledger", "usage_hours", "usage_counters", "subscription_changes"}
    instance_wide |= {"usage_overage", "overage_totals"}
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        if issubclass(mapper.class_, TenantBase):
            column = table.c["workspace_id"]
            assert not column.nullable
            assert {key.ondelete for key in column.foreign_keys} == {"CASCADE"}
        else:
            assert table.name in instance_wide


def test_what_listens_owns_its_path_from_then_on(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        upgrade(database, "0009")
        with database.writing() as connection:
            for workspace in "ab":
                run = connection.exec_driver_sql
                run(
                    "INSERT INTO workspaces (id, name, sealed_key, created_at)"
                    f" VALUES ('{workspace}', 'w', 'k', 1)"
                )
                run(
                    "INSERT INTO workflows (id, workspace_id, name, latest_version, active,"
                    " latest_version_id, created_at, updated_at)"
                    f" VALUES ('{workspace}', '{workspace}', 'w', 1, true, 'v', 1, 1)"
                )
            for at, (workspace, route) in enumerate(
                [("a", "'POST Or/x'"), ("b", "'GET or/x'"), ("b", "NULL"), ("b", "'PUT y'")]
            ):
                run(
                    "INSERT INTO triggers (id, workspace_id, workflow_id, version_id, node_id,"
                    " type, state, route, epoch, failures, created_at)"
                    f" VALUES ('{at}', '{workspace}', '{workspace}', 'v', '{at}',"
                    f" 'webhook', 'listening', {route}, 0, 0, {at})"
                )
        upgrade(database)
        with database.reading() as connection:
            found = connection.exec_driver_sql(
                "SELECT path, parts, listened_until, workspace_id FROM webhook_paths ORDER BY path"
            ).all()
            refused = connection.exec_driver_sql("SELECT DISTINCT refused FROM triggers").all()
        assert [tuple(row) for row in found] == [("or/x", 2, None, "a"), ("y", 1, None, "b")]
        assert [tuple(row) for row in refused] == [(0,)]
    finally:
        database.close()


def test_keys_of_events_outlive_them_there_and_back(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    month = 30 * 86_400.0
    events = [("kept", "there", "k1"), ("gone", "gone", "k2"), ("plain", "lone", "lone")]
    try:
        upgrade(database, "0024")
        with database.writing() as connection:
            of = {"workspace_id": "w"}
            insert(
                connection,
                "workspaces",
                {"id": "w", "name": "w", "sealed_key": "k", "created_at": 0.0},
            )
            workflow = {"id": "f", "name": "f", "latest_version": 1, "latest_version_id": "v"}
            times = {"created_at": 1.0, "updated_at": 1.0}
            insert(connection, "workflows", {**workflow, "active": False, **times, **of})
            for event_id, execution_id, key in events:
                row = {"id": event_id, "execution_id": execution_id, "dedup_key": key, **of}
                insert(connection, "events", {**row, "source": "s", "received_at": 5.0})
            for event_id, execution_id, _key in (events[0], events[2]):
                row = {"id": execution_id, "workflow_id": "f", "version_id": "v", **of}
                row |= {"event_id": event_id, "manual": False, "status": "succeeded", "epoch": 1}
                row |= {"crashes": 0, "depth": 0, "active_s": 0.0, "created_at": 5.0}
                insert(connection, "executions", row)
        upgrade(database)
        with database.reading() as connection:
            left = connection.scalars(text("SELECT id FROM events ORDER BY id")).all()
            keys = connection.execute(text("SELECT * FROM event_keys ORDER BY dedup_key"))
            found = [(key.dedup_key, key.execution_id, key.expires_at) for key in keys]
        assert left == ["kept", "plain"]
        assert found == [("k1", "there", 5.0 + month), ("k2", "gone", 5.0 + month)]
        downgrade(database, "0024")
        with database.reading() as connection:
            rows = connection.execute(text("SELECT * FROM events ORDER BY dedup_key"))
            back = [(row.dedup_key, row.execution_id, row.received_at) for row in rows]
        assert back == [("k1", "there", 5.0), ("k2", "gone", 5.0), ("lone", "lone", 5.0)]
    finally:
        database.close()


def test_what_executions_take_is_summed_up(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        upgrade(database, "0028")
        with database.writing() as connection:
            for name in ("v", "w"):
                row = {"id": name, "name": name, "sealed_key": "k", "created_at": 0.0}
                insert(connection, "workspaces", row)
            of = {"workspace_id": "w"}
            workflow = {"id": "f", "name": "f", "latest_version": 1, "latest_version_id": "v"}
            times = {"created_at": 1.0, "updated_at": 1.0}
            insert(connection, "workflows", {**workflow, "active": False, **times, **of})
            for name in ("a", "b"):
                row = {"id": name, "workflow_id": "f", "version_id": "v", "event_id": name, **of}
                row |= {"manual": False, "status": "succeeded", "epoch": 1, "crashes": 0}
                row |= {"depth": 0, "active_s": 0.0, "created_at": 5.0}
                insert(connection, "executions", row)
                sizes = {"event_bytes": 1, "step_bytes": 20, "execution_bytes": 300}
                insert(connection, "execution_sizes", {"execution_id": name, **sizes, **of})
        upgrade(database)
        with database.reading() as connection:
            statement = "SELECT event_bytes, step_bytes, execution_bytes FROM execution_size_totals"
            found = connection.exec_driver_sql(statement).all()
        assert [tuple(row) for row in found] == [(2, 40, 600)]
        downgrade(database, "0028")
    finally:
        database.close()


def test_what_rows_of_before_name_is_written_down(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    file, large, answer, part = (f"sha256:{digit * 64}" for digit in "abcd")
    try:
        upgrade(database, "0030")
        with database.writing() as connection:
            row = {"id": "w", "name": "w", "sealed_key": "k", "created_at": 0.0}
            insert(connection, "workspaces", row)
            of = {"workspace_id": "w"}
            workflow = {"id": "f", "name": "f", "latest_version": 1, "latest_version_id": "v"}
            times = {"created_at": 1.0, "updated_at": 1.0}
            insert(connection, "workflows", {**workflow, "active": False, **times, **of})
            row = {"id": "x", "workflow_id": "f", "version_id": "v", "event_id": "x", **of}
            row |= {"manual": False, "status": "succeeded", "epoch": 1, "crashes": 0}
            row |= {"depth": 0, "active_s": 0.0, "created_at": 5.0}
            row["response"] = f'{{"artifact":"{answer}"}}'
            insert(connection, "executions", row)
            event = {"id": "x", "execution_id": "x", "dedup_key": "x", "source": "s", **of}
            payload = f'{{"items":[{{}}],"files":{{"0":[{{"key":"{file}"}}]}}}}'
            insert(connection, "events", {**event, "payload": payload, "received_at": 5.0})
            step = {"execution_id": "x", "node_id": "n", "run_index": 2, **of}
            row = {**step, "status": "succeeded", "attempt": 1, "sources": "[]"}
            insert(connection, "steps", {**row, "artifact": large, "started_at": 5.0})
            insert(connection, "step_parts", {**step, "part": 0, "artifact": part, "created_at": 5})
        upgrade(database)
        with database.reading() as connection:
            rows = connection.execute(text("SELECT * FROM artifact_refs"))
            found = {(row.owner, row.digest, bool(row.is_unread)) for row in rows}
        assert found == {
            ("event", file, False),
            ("n:2", large, True),
            ("n:2", part, True),
            ("response", answer, True),
        }
        downgrade(database, "0030")
    finally:
        database.close()


def test_what_steps_printed_stays_there_and_back(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    pieces = [
        {"stream": "stdout", "text": 'one\n"two"\x00 \u00fc'},
        {"stream": "stderr", "text": ""},
        {"stream": "log", "text": "three"},
    ]
    steps = [("a", 0, pieces[:2]), ("b", None, pieces[2:]), ("c", 1, None)]
    try:
        upgrade(database, "0033")
        with database.writing() as connection:
            of = {"workspace_id": "w"}
            workspace = {"id": "w", "name": "w", "sealed_key": "k", "created_at": 0.0}
            insert(connection, "workspaces", workspace)
            workflow = {"id": "f", "name": "f", "latest_version": 1, "latest_version_id": "v"}
            times = {"created_at": 1.0, "updated_at": 1.0}
            insert(connection, "workflows", {**workflow, "active": False, **times, **of})
            row = {"id": "x", "workflow_id": "f", "version_id": "v", **of, "event_id": "e"}
            row |= {"manual": False, "status": "succeeded", "epoch": 1}
            row |= {"crashes": 0, "depth": 0, "active_s": 0.0, "created_at": 5.0}
            insert(connection, "executions", row)
            for node_id, position, logs in steps:
                step = {"execution_id": "x", "node_id": node_id, "run_index": 0, **of}
                step |= {"status": "succeeded", "attempt": 1, "position": position, "sources": "[]"}
                step |= {"logs": None if logs is None else jsontext.dumps(logs), "started_at": 1.0}
                insert(connection, "steps", step)
        upgrade(database)
        with database.reading() as connection:
            found = by_attempt(read_logs(connection, "w", "x"))
        assert found == {("a", 0, 1): pieces[:2], ("b", 0, 1): pieces[2:]}
        downgrade(database, "0033")
        with database.reading() as connection:
            back = connection.execute(text("SELECT node_id, logs FROM steps ORDER BY node_id"))
            kept = {row.node_id: row.logs and jsontext.loads(row.logs) for row in back}
        assert kept == {"a": pieces[:2], "b": pieces[2:], "c": None}
    finally:
        database.close()


def test_all_that_names_an_execution_is_deleted_with_it() -> None:
    named = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        for key in mapper.local_table.foreign_keys
        if key.column.table.name == "executions"
    }
    assert named == OF_AN_EXECUTION.keys(), "the trigger of migration 35 has to know of each"
