"""What an outside observer of the database finds wrong.

The observer sits in the database itself, as triggers on the tables: it notes every change of a
state in the transaction that makes it, whatever the product does or says.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, create_engine, text
from sqlalchemy.pool import NullPool

from tests.faults.effects import Call, Effects

FINAL = frozenset({"succeeded", "failed", "cancelled"})
NOTES = """
CREATE TABLE observed (
  number {serial}, about TEXT NOT NULL, execution_id TEXT NOT NULL, node_id TEXT NOT NULL,
  run_index INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, kept TEXT NOT NULL)
"""
COLUMNS = "about, execution_id, node_id, run_index, before, after, kept"
# What may never change once it is final, as one text.
EXECUTION_KEEPS = "coalesce(old.output,'') || coalesce(old.error,'') || old.finished_at"
STEP_KEEPS = "coalesce(old.output,'') || coalesce(old.error,'') || coalesce(old.position,-1)"
CHANGES = "old.status <> new.status OR {before} <> {after}"
SQLITE = """
CREATE TRIGGER observe_{table}_{event} AFTER {event} ON {table} {when} BEGIN
  INSERT INTO observed ({columns}) VALUES ({values}); END
"""
POSTGRES = """
CREATE FUNCTION observe_{table}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO observed ({columns}) VALUES ({values}); RETURN NULL; END $$;
CREATE TRIGGER observe_{table}_{event} AFTER {event} ON {table}
  FOR EACH ROW {when} EXECUTE FUNCTION observe_{table}_{event}()
"""


@dataclass
class History:
    """Reads the database of an instance, and watches it once ``observe`` was called."""

    url: str

    def observe(self) -> None:
        """Put the observer's triggers into a database that has its schema."""
        sqlite = self.url.startswith("sqlite")
        template = SQLITE if sqlite else POSTGRES
        serial = "INTEGER PRIMARY KEY" if sqlite else "SERIAL PRIMARY KEY"
        statements = [NOTES.format(serial=serial)]
        for table, keeps in (("executions", EXECUTION_KEEPS), ("steps", STEP_KEEPS)):
            changed = keeps.replace("old.", "new.")
            ident = (
                "{0}.id, '', 0"
                if table == "executions"
                else ("{0}.execution_id, {0}.node_id, {0}.run_index")
            )
            when = f"WHEN (old.status <> new.status OR ({keeps}) <> ({changed}))"
            for event, row, condition, states in (
                ("UPDATE", "new", when, f"old.status, new.status, coalesce({changed}, '')"),
                ("INSERT", "new", "", f"'', new.status, coalesce({changed}, '')"),
                ("DELETE", "old", "", f"old.status, '', coalesce({keeps}, '')"),
            ):
                values = f"'{table}', {ident.format(row)}, {states}"
                statements.append(
                    template.format(
                        table=table, event=event, when=condition, columns=COLUMNS, values=values
                    )
                )
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """Rows of the database as it stands."""
        engine = create_engine(self.url, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                return connection.execute(text(statement), values).all()
        finally:
            engine.dispose()

    def miscounts(self) -> list[str]:
        """Where the usage ledger, or what is derived from it, is not what happened."""
        asked = {
            "executions": "SELECT count(*) FROM executions WHERE depth = 0",
            "steps": "SELECT count(*) FROM steps WHERE position IS NOT NULL",
        }
        wrong = []
        for meter, happened in asked.items():
            (real,) = self.rows(happened)[0]
            for table in ("usage_ledger", "usage_hours"):
                total = f"SELECT sum(quantity) FROM {table} WHERE meter = :meter"
                (counted,) = self.rows(total, meter=meter)[0]
                if counted != real:
                    wrong.append(f"{real} {meter} happened, {table} has {counted}")
        return wrong

    def unfinished(self) -> int:
        """How many executions have not reached a final state."""
        counted = self.rows("SELECT status, count(*) AS number FROM executions GROUP BY status")
        return sum(row.number for row in counted if row.status not in FINAL)

    def open_executions(self) -> str:
        """The executions that have not ended, and their steps, for a person to look at."""
        chosen = "status NOT IN ('succeeded','failed','cancelled')"
        found = self.rows(f"SELECT * FROM executions WHERE {chosen} LIMIT 10")
        found = [*found, *self.rows(f"SELECT * FROM steps WHERE {chosen} LIMIT 10")]
        return "\n".join(str(row._asdict()) for row in found)

    def statuses(self) -> Counter[str]:
        """How many executions are in which state."""
        counted = self.rows("SELECT status, count(*) AS number FROM executions GROUP BY status")
        return Counter({row.status: row.number for row in counted})

    def violations(
        self,
        accepted: Mapping[str, str],
        effects: Effects,
        expected: Mapping[str, Sequence[str]],
    ) -> list[str]:
        """Everything that breaks a promise; ``expected`` names the effects of each workflow.

        Call it when nothing runs any more.
        """
        executions = {
            row.id: row
            for row in self.rows(
                "SELECT x.id, x.status, x.error, w.name, e.dedup_key, e.source FROM executions x"
                " JOIN events e ON e.id = x.event_id JOIN workflows w ON w.id = x.workflow_id"
            )
        }
        steps: dict[str, list[Row[Any]]] = defaultdict(list)
        for step in self.rows("SELECT * FROM steps"):
            steps[step.execution_id].append(step)
        return [
            *_not_run_once(accepted, executions),
            *_not_succeeded(executions),
            *_changed_when_final(self.rows("SELECT * FROM observed ORDER BY number")),
            *_wrong_journal(executions, steps),
            *_wrong_effects(executions, steps, effects.by_key(), expected),
        ]


def _not_run_once(accepted: Mapping[str, str], executions: Mapping[str, Any]) -> list[str]:
    """I1, I2: one execution for each accepted event, and the one that the sender was told."""
    wrong = [
        f"I1 {delivery}: no execution {execution_id}"
        for delivery, execution_id in accepted.items()
        if execution_id not in executions
    ]
    keys = Counter((row.source, row.dedup_key) for row in executions.values())
    wrong += [f"I2 {key} has {count} executions" for key, count in keys.items() if count > 1]
    wrong += [
        f"I2 {delivery}: the execution {execution_id} is of {executions[execution_id].dedup_key}"
        for delivery, execution_id in accepted.items()
        if execution_id in executions and executions[execution_id].dedup_key != delivery
    ]
    return wrong


def _not_succeeded(executions: Mapping[str, Any]) -> list[str]:
    """I3: every execution came to its end; nothing failed on the way there."""
    return [
        f"I3 {row.name} {row.dedup_key} is {row.status}: {row.error}"
        for row in executions.values()
        if row.status != "succeeded"
    ]


def _changed_when_final(notes: Sequence[Row[Any]]) -> list[str]:
    """I4, I5: an outcome is recorded once, a final state never changes."""
    return [
        f"I5 {note.about} {note.execution_id} {note.node_id}:{note.run_index} was {note.before} "
        f"and became {note.after or 'nothing'} ({note.kept[:200]})"
        for note in notes
        if note.before in FINAL
    ]


def _wrong_journal(executions: Mapping[str, Any], steps: Mapping[str, list[Row[Any]]]) -> list[str]:
    """I4: of what has ended no step is open, and the outcomes are in one gapless order."""
    wrong = []
    for row in executions.values():
        if row.status not in FINAL:
            continue
        own = steps[row.id]
        wrong += [
            f"I4 {row.id} {step.node_id}:{step.run_index} is still {step.status}"
            for step in own
            if step.status not in FINAL
        ]
        order = sorted(step.position for step in own if step.position is not None)
        if order != list(range(len(order))):
            wrong.append(f"I4 {row.id}: the outcomes stand at {order}")
    return wrong


def _wrong_effects(
    executions: Mapping[str, Any],
    steps: Mapping[str, list[Row[Any]]],
    calls: Mapping[str, list[Call]],
    expected: Mapping[str, Sequence[str]],
) -> list[str]:
    """I4, I6: each effect under one key, always the same effect, and its answer as recorded."""
    wanted = {
        f"{row.id}:{name}"
        for row in executions.values()
        if row.status == "succeeded"
        for name in expected[row.name]
    }
    known = {f"{row.id}:{name}" for row in executions.values() for name in expected[row.name]}
    wrong = [f"I6 {key} never happened" for key in wanted - set(calls)]
    wrong += [f"I6 {key} happened and nobody asked for it" for key in set(calls) - known]
    for key, made in calls.items():
        bodies = {json.dumps(call.body, sort_keys=True) for call in made}
        if len(bodies) > 1:
            wrong.append(f"I6 {key} was {len(bodies)} different effects: {sorted(bodies)}")
    for key in wanted & set(calls):
        execution_id, name, run = key.split(":")
        recorded = _recorded(steps[execution_id], name, int(run))
        if recorded not in {call.sequence for call in calls[key]}:
            wrong.append(f"I4 {key}: recorded {recorded}, which nobody answered")
    for execution_id, own in steps.items():
        wrong += _passed_on(execution_id, own, calls)
    return wrong


def _passed_on(
    execution_id: str, own: list[Row[Any]], calls: Mapping[str, list[Call]]
) -> list[str]:
    """I4: what a later effect was told is what the earlier steps' records say."""
    recorded = {_recorded(own, name, 0) for name in ("charge", "ship")}
    return [
        f"I4 {execution_id}: label:{run} was told {call.body['seen']}, on record is {recorded}"
        for run in (0, 1)
        for call in calls.get(f"{execution_id}:label:{run}", ())
        if call.body["seen"] not in recorded
    ]


def _recorded(own: list[Row[Any]], node_id: str, run: int) -> int | None:
    for step in own:
        if step.node_id == node_id and step.run_index == run and step.output is not None:
            ports = json.loads(step.output)
            found: int = ports["main"]["items"][0]["body"]["sequence"]
            return found
    return None
