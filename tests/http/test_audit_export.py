"""Downloading the audit log."""

from __future__ import annotations

import csv
import io
import json

import pytest

from functions.http.people import audit_log
from functions.parts import Parts
from layers.identity.audit import AuditEvent, append
from tests.conftest import Person

EXPORT = "/api/v1/audit-log/export"


def test_an_export_holds_the_whole_chain(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "EXPORTED_AT_ONCE", 2)
    audit_events = [
        AuditEvent(ada.workspace_id, "execution:x", "python.run", f"workflow:{n}", {"n": n})
        for n in range(6)
    ]
    with parts.database.writing() as connection:
        append(connection, audit_events)
    answer = ada.program.get(EXPORT)
    assert answer.headers["content-type"] == "application/x-ndjson"
    entries = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["number"] for one in entries] == list(range(1, 8))
    assert [one["previous_hash"] for one in entries[1:]] == [one["hash"] for one in entries[:-1]]
    some = ada.program.get(EXPORT, query={"action": "python.run", "target": "workflow:3"})
    assert [json.loads(line)["detail"] for line in some.text.splitlines()] == [{"n": 3}]


def test_an_export_can_be_a_table(ada: Person) -> None:
    answer = ada.program.get(EXPORT, query={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    (entry,) = ada.program.get("/api/v1/audit-log").json()["items"]
    assert row["hash"] == entry["hash"]
    assert row["number"] == "1"
    assert json.loads(row["detail"]) == entry["detail"]


def test_an_unknown_format_is_refused(ada: Person) -> None:
    assert ada.program.get(EXPORT, query={"format": "xml"}).status == 422


def test_others_export_nothing_of_it(ada: Person) -> None:
    assert ada.program.as_other().get(EXPORT).status == 401
