"""Artifacts that nothing names any more are deleted, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from functions.parts import Parts
from layers.artifacts.folder import FolderStore
from layers.clock import ManualClock
from layers.contract import FileRef, Item
from layers.database.repositories import artifact_mentions
from layers.engine.accept import Incoming, accept
from layers.engine.metering import NoMeter
from tests.conftest import Person
from triggers.housekeeping.pruner import Pruner
from triggers.housekeeping.unused_artifacts import (
    FIRST_AFTER_S,
    UNTOUCHED_S,
    UnusedArtifacts,
)

BASE = "/api/v1"
LARGE = "x" * 70_000
GROW = {
    "name": "grow",
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "twice", "type": "set", "params": {"fields": {"b": "{{ item.a + '!' }}"}}},
    ],
    "connections": [{"from": "start", "to": "twice"}],
}


def kept(parts: Parts, person: Person, moment: float) -> set[str]:
    """All that the workspace has in the store at a moment that has not come yet."""
    return set(parts.artifacts.put_before(person.workspace_id, moment))


def delete_unused(parts: Parts, days: float = 8) -> int:
    """Have it looked, so many days from now."""
    clock = ManualClock(parts.clock.now())
    unused = UnusedArtifacts(parts.database, parts.artifacts, clock)
    clock.advance(days * 86_400)
    return asyncio.run(unused.delete_now())


def run(person: Person, **body: Any) -> dict[str, Any]:
    workflow = person.program.post(f"{BASE}/workflows", json=GROW).json()
    address = f"{BASE}/workflows/{workflow['id']}/run"
    answer = person.program.post(address, json={"wait": 120, **body})
    assert answer.json()["status"] == "succeeded", answer.text
    found: dict[str, Any] = answer.json()
    return found


def begin(person: Person, parts: Parts, items: list[Item]) -> str:
    """Accept an event with these items; returns the execution's id."""
    workflow = person.program.post(f"{BASE}/workflows", json=GROW).json()
    with parts.database.reading() as connection:
        found = connection.execute(
            text("SELECT latest_version_id FROM workflows WHERE id = :id"), {"id": workflow["id"]}
        )
        version_id = found.scalar_one()
    payload = asyncio.run(parts.engine.payloads.payload(person.workspace_id, items))
    incoming = Incoming(
        workspace_id=person.workspace_id,
        workflow_id=workflow["id"],
        version_id=version_id,
        source="test",
        now=parts.clock.now(),
        **payload,
    )
    with parts.database.writing() as connection:
        return accept(connection, [incoming], NoMeter())[0].execution_id


@pytest.fixture
def far(parts: Parts) -> float:
    return parts.clock.now() + 1e6


def test_what_an_execution_brought_goes_after_it(
    sign_up: Callable[..., Person], parts: Parts, far: float
) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    for person in (ada, eve):
        run(person, items=[{"a": LARGE}])
    before = kept(parts, ada, far)
    assert len(before) >= 2, "what came in and what went out are too large for their rows"
    assert delete_unused(parts) == 0
    assert kept(parts, ada, far) == before
    ada.program.put(f"{BASE}/workspace/retention", json={"days": 1})
    asyncio.run(Pruner(parts.database, ManualClock(parts.clock.now() + 2 * 86_400)).prune_now())
    assert delete_unused(parts, days=6) == 0, "what was put so lately may be in nobody's row yet"
    assert delete_unused(parts) == len(before)
    assert kept(parts, ada, far) == set()
    assert kept(parts, eve, far) == before, "the same bytes, of somebody else"


def test_a_retry_keeps_what_it_has_of_an_execution_that_is_deleted(
    ada: Person, parts: Parts, far: float
) -> None:
    first = run(ada, items=[{"a": LARGE}])
    again = ada.program.post(f"{BASE}/executions/{first['id']}/retry", json={"from_node": "twice"})
    assert again.status == 202, again.text
    with parts.database.reading() as connection:
        needed = set(
            connection.scalars(
                text(
                    "SELECT artifact FROM events WHERE execution_id = :id UNION"
                    " SELECT artifact FROM steps WHERE execution_id = :id"
                ),
                {"id": again.json()["execution_id"]},
            )
        )
    assert needed
    assert ada.program.delete(f"{BASE}/executions/{first['id']}").status == 204
    assert delete_unused(parts) > 0, "what is repeated gives its output anew"
    assert kept(parts, ada, far) == needed


def test_files_are_kept_while_items_name_them(ada: Person, parts: Parts, far: float) -> None:
    def put(content: bytes) -> str:
        return parts.artifacts.put(ada.workspace_id, content)

    in_row, in_large, pinned, alone = (put(b"%d" % at) for at in range(4))

    def item(key: str, values: dict[str, Any]) -> Item:
        made = Item(values)
        made.files = (FileRef(name="f", media_type="text/plain", size=1, key=key),)
        return made

    begun = [
        begin(ada, parts, [item(in_row, {})]),
        begin(ada, parts, [item(in_large, {"a": LARGE})]),
    ]
    large = kept(parts, ada, far) - {in_row, in_large, pinned, alone}
    assert large
    with parts.database.writing() as connection:
        # As it is where nobody has looked into it yet.
        statement = "UPDATE artifact_refs SET is_unread = true WHERE execution_id = :id"
        connection.execute(
            text(statement + " AND digest IN (SELECT artifact FROM events)"), {"id": begun[1]}
        )
        connection.execute(
            text("DELETE FROM artifact_refs WHERE digest = :digest"), {"digest": in_large}
        )
    nodes = [{"id": "a", "type": "manual", "notes": f"see {pinned}"}]
    ada.program.post(
        f"{BASE}/workflow-drafts", json={"name": "d", "document": {"name": "d", "nodes": nodes}}
    )
    assert delete_unused(parts) == 1
    assert kept(parts, ada, far) == {in_row, in_large, pinned, *large}
    assert alone not in kept(parts, ada, far)


def test_nothing_goes_while_something_cannot_be_read(ada: Person, parts: Parts, far: float) -> None:
    alone = parts.artifacts.put(ada.workspace_id, b"alone")
    run(ada, items=[{"a": LARGE}])
    one = next(iter(kept(parts, ada, far) - {alone}))
    with parts.database.writing() as connection:
        connection.execute(text("UPDATE artifact_refs SET is_unread = true"))
    parts.artifacts.delete(ada.workspace_id, one)
    assert delete_unused(parts) == 0
    assert alone in kept(parts, ada, far)


def test_what_is_put_again_meanwhile_stays(ada: Person, parts: Parts) -> None:
    digest = parts.artifacts.put(ada.workspace_id, b"again")

    class Meanwhile(FolderStore):
        """Puts it again between the look and the deletion."""

        def delete(
            self, workspace_id: str, digest: str, *, put_before: float | None = None
        ) -> None:
            assert put_before is not None
            parts.artifacts.put(workspace_id, b"again")
            super().delete(workspace_id, digest, put_before=put_before - UNTOUCHED_S)

    assert isinstance(parts.artifacts, FolderStore)
    clock = ManualClock(parts.clock.now())
    unused = UnusedArtifacts(parts.database, Meanwhile(parts.artifacts._root), clock)
    clock.advance(UNTOUCHED_S + FIRST_AFTER_S)
    asyncio.run(unused.delete_now())
    assert parts.artifacts.get(ada.workspace_id, digest) == b"again"


def test_a_snapshot_stands_still(ada: Person, parts: Parts) -> None:
    digest = f"sha256:{'0' * 64}"
    with parts.database.snapshot() as connection:
        before = list(artifact_mentions.mentions(connection))
        ada.program.post(f"{BASE}/variables", json={"name": "d", "value": digest})
        assert list(artifact_mentions.mentions(connection)) == before
    with parts.database.snapshot() as connection:
        after = list(artifact_mentions.mentions(connection))
    assert any(digest in one.digests for one in after)


def test_what_a_dead_writer_left_goes_too(ada: Person, parts: Parts) -> None:
    assert isinstance(parts.artifacts, FolderStore)
    folder = parts.artifacts._root / "ws" / ada.workspace_id
    writer = parts.artifacts.create(ada.workspace_id)
    writer.write(b"half of it")
    clock = ManualClock(parts.clock.now() + UNTOUCHED_S / 2)
    unused = UnusedArtifacts(parts.database, parts.artifacts, clock)
    clock.advance(FIRST_AFTER_S)
    asyncio.run(unused.delete_now())
    assert len(list(folder.iterdir())) == 1
    clock.advance(UNTOUCHED_S)
    asyncio.run(unused.delete_now())
    assert list(folder.iterdir()) == []
    writer.discard()


def test_rows_are_read_once_for_all_workspaces(
    sign_up: Callable[..., Person], parts: Parts
) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(*given: Any) -> None:
            statements.append(given[2])

        event.listen(parts.database.engine, "before_cursor_execute", note)
        delete_unused(parts)
        event.remove(parts.database.engine, "before_cursor_execute", note)
        return len([one for one in statements if "LIKE" in one])

    people = [sign_up(name) for name in ("Ada", "Eve", "Bob")]
    parts.artifacts.put(people[0].workspace_id, b"alone")
    alone = asked()
    for person in people:
        parts.artifacts.put(person.workspace_id, b"all")
    assert asked() == alone


def test_no_row_of_an_execution_is_read(ada: Person, parts: Parts) -> None:
    run(ada, items=[{"a": LARGE}])
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(parts.database.engine, "before_cursor_execute", note)
    delete_unused(parts)
    event.remove(parts.database.engine, "before_cursor_execute", note)
    assert any("FROM variables" in one for one in statements)
    # Whose large text is read is held meanwhile, so that it is not deleted.
    statements = [one for one in statements if not one.startswith("SELECT id FROM executions")]
    for table in ("events", "executions", "steps", "step_parts", "callbacks"):
        assert not [one for one in statements if f"FROM {table}" in one.replace("\n", " ")]
