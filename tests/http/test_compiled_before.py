"""A workflow is compiled before others have to wait: never while a transaction writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy.orm import Session

from functions.parts import Parts
from layers.database import Database
from tests.asgi_client import Answer
from tests.conftest import Person

BASE = "/api/v1"


@pytest.fixture
def compiled_while_writing(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each node type that was looked up: whether its thread was writing meanwhile."""
    writing: set[int] = set()
    found: list[bool] = []
    write, resolve = Database.write, type(parts.catalogue).resolve

    @contextmanager
    def watched(self: Database) -> Iterator[Session]:
        with write(self) as session:
            writing.add(get_ident())
            try:
                yield session
            finally:
                writing.discard(get_ident())

    def looked_up(self: Any, *args: Any, **named: Any) -> Any:
        found.append(get_ident() in writing)
        return resolve(self, *args, **named)

    monkeypatch.setattr(Database, "write", watched)
    monkeypatch.setattr(type(parts.catalogue), "resolve", looked_up)
    return found


def test_nothing_is_compiled_in_a_transaction_that_writes(
    ada: Person, compiled_while_writing: list[bool]
) -> None:
    nodes = [{"id": "hook", "type": "webhook", "params": {"path": "h"}}]
    document = {"name": "h", "nodes": nodes, "connections": []}

    def did(answer: Answer) -> Any:
        assert answer.status < 300, answer.text
        assert compiled_while_writing, "nothing was compiled"
        assert not any(compiled_while_writing)
        compiled_while_writing.clear()
        return answer.json()

    api = ada.program
    workflow = f"{BASE}/workflows/" + did(api.post(f"{BASE}/workflows", json=document))["id"]
    did(api.put(workflow, json=document))
    did(api.post(f"{workflow}/activate"))
    did(api.put(f"{workflow}/draft", json={"document": {**document, "name": "i"}}))
    did(api.get(f"{workflow}/draft"))
    did(api.post(f"{workflow}/run", json={"source": "draft", "node_id": "hook"}))
    did(api.post(f"{workflow}/publish", json={"activate": True}))
    did(api.post(f"{workflow}/versions/1/restore"))
    did(api.delete(f"{workflow}/draft"))
    did(api.post(f"{workflow}/duplicate"))
    did(api.post(f"{BASE}/workflow-drafts", json={"name": "j", "document": document}))
