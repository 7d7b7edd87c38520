"""Drafts: kept as they are, told what is wrong, never overwritten, and published whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Person

BASE = "/api/v1"

HALF = {"nodes": [{"id": "a", "type": "nothing-like-it", "params": {"x": 1}}]}
WHOLE: dict[str, Any] = {
    "name": "Greeting",
    "nodes": [
        {"id": "start", "type": "schedule", "params": {"cron": "0 3 * * *"}},
        {"id": "name", "type": "set", "params": {"fields": {"a": "{{ 1 + 1 }}"}}},
    ],
    "connections": [{"from": "start", "to": "name"}],
    "sticky_notes": [{"id": "n1", "text": "why", "x": 1, "y": 2, "color": "blue"}],
}


def begin(person: Person, document: dict[str, Any] | None = None) -> tuple[str, str]:
    """A workflow that begins as a draft: its address and the draft's ETag."""
    body = {"name": "Greeting", **({} if document is None else {"document": document})}
    made = person.program.post(f"{BASE}/workflow-drafts", json=body)
    assert made.status == 201, made.text
    return f"{BASE}/workflows/{made.json()['workflow_id']}", made.headers["etag"]


def save(person: Person, address: str, document: dict[str, Any], etag: str) -> Any:
    return person.program.put(
        f"{address}/draft", json={"document": document}, headers={"if-match": etag}
    )


def test_what_is_half_done_is_kept_and_told(ada: Person) -> None:
    address, etag = begin(ada)
    saved = save(ada, address, {"name": "Half", **HALF}, etag)
    assert saved.status == 200
    assert [one["pointer"] for one in saved.json()["problems"]] == ["/nodes/0/type"]
    found = ada.program.get(f"{address}/draft").json()
    assert found["document"]["nodes"] == HALF["nodes"]
    assert found["revision"] == 2
    refused = ada.program.post(f"{address}/publish", json={})
    assert refused.status == 422
    assert refused.json()["errors"][0]["pointer"] == "/nodes/0/type"


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(ada: Person) -> None:
    address, etag = begin(ada, WHOLE)
    first = save(ada, address, {**WHOLE, "name": "First"}, etag)
    second = save(ada, address, {**WHOLE, "name": "Second"}, etag)
    assert (first.status, second.status) == (200, 412)
    current = second.json()["current"]
    assert current["revision"] == first.json()["revision"]
    assert current["updated_by"]["name"] == "Ada"
    assert ada.program.get(f"{address}/draft").json()["document"]["name"] == "First"
    assert save(ada, address, {**WHOLE, "name": "Third"}, first.headers["etag"]).status == 200


def test_a_draft_that_was_published_is_no_base_for_an_older_window(ada: Person) -> None:
    address, etag = begin(ada, WHOLE)
    assert ada.program.post(f"{address}/publish", json={}).status == 200
    assert save(ada, address, WHOLE, etag).status == 412
    fresh = ada.program.get(f"{address}/draft")
    assert fresh.json()["revision"] == 0
    assert save(ada, address, WHOLE, fresh.headers["etag"]).status == 200


def test_a_window_has_to_say_what_it_saves_over(ada: Person) -> None:
    address, etag = begin(ada, WHOLE)
    body = {"document": WHOLE}
    assert ada.browser.put(f"{address}/draft", json=body).status == 428
    saved = ada.browser.put(f"{address}/draft", json=body, headers={"if-match": etag})
    assert saved.status == 200


def test_a_version_of_a_program_leaves_the_draft_and_says_so(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    ada.program.post(f"{address}/publish", json={})
    ada.program.put(f"{address}/draft", json={"document": {**WHOLE, "name": "Mine"}})
    assert ada.program.put(address, json={**WHOLE, "name": "Theirs"}).json()["version"] == 2
    draft = ada.program.get(f"{address}/draft").json()
    assert draft["document"]["name"] == "Mine"
    assert (draft["base_version"], draft["latest_version"]) == (1, 2)


def test_a_window_that_missed_a_discard_overwrites_nothing(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    ada.program.post(f"{address}/publish", json={})
    published = ada.program.get(f"{address}/draft").headers["etag"]
    mine = save(ada, address, {**WHOLE, "name": "Mine"}, published)
    ada.program.delete(f"{address}/draft")
    theirs = save(ada, address, {**WHOLE, "name": "Theirs"}, published)
    assert mine.json()["revision"] == theirs.json()["revision"]
    assert save(ada, address, {**WHOLE, "name": "Late"}, mine.headers["etag"]).status == 412


def test_publishing_makes_a_version_with_a_message(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    published = ada.program.post(f"{address}/publish", json={"message": "It greets"})
    assert published.status == 200
    assert published.json()["version"] == 1
    assert published.json()["sticky_notes"][0]["text"] == "why"
    (version,) = ada.program.get(f"{address}/versions").json()["items"]
    assert (version["message"], version["created_by_name"]) == ("It greets", "Ada")
    # Nothing changed since, so there is nothing to publish.
    assert ada.program.post(f"{address}/publish", json={}).json()["version"] == 1


def test_what_is_active_goes_on_with_what_is_published(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    active = ada.program.post(f"{address}/publish", json={"activate": True}).json()
    assert (active["active"], active["active_version"]) == (True, 1)
    ada.program.put(f"{address}/draft", json={"document": {**WHOLE, "name": "Two"}})
    listed = ada.program.get(f"{BASE}/workflows").json()["items"]
    assert [one["has_draft"] for one in listed if one["id"] == active["id"]] == [True]
    again = ada.program.post(f"{address}/publish", json={}).json()
    assert (again["active_version"], again["name"]) == (2, "Two")


def test_an_earlier_version_comes_back_as_the_draft(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    ada.program.post(f"{address}/publish", json={})
    ada.program.put(f"{address}/draft", json={"document": {**WHOLE, "name": "Two"}})
    ada.program.post(f"{address}/publish", json={})
    restored = ada.program.post(f"{address}/versions/1/restore")
    assert restored.json()["document"]["name"] == "Greeting"
    assert ada.program.get(address).json()["name"] == "Two"
    assert ada.program.post(f"{address}/publish", json={}).json()["version"] == 3


def test_a_draft_can_be_discarded(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    ada.program.post(f"{address}/publish", json={})
    ada.program.put(f"{address}/draft", json={"document": {**WHOLE, **HALF}})
    nodes = ada.program.delete(f"{address}/draft").json()["document"]["nodes"]
    # With the version of its type, which is stamped on each when a version is saved.
    assert nodes == [{**node, "version": 1} for node in WHOLE["nodes"]]


def test_a_workflow_without_a_version_says_what_to_do(ada: Person) -> None:
    address, _etag = begin(ada)
    assert ada.program.get(address).json()["version"] == 0
    for action in ("activate", "run"):
        refused = ada.program.post(f"{address}/{action}", json={} if action == "run" else ...)
        assert refused.status == 409
        assert "publish" in refused.json()["detail"]


def test_a_copy_begins_as_a_draft(ada: Person) -> None:
    address, _etag = begin(ada, WHOLE)
    copy = ada.program.post(f"{address}/duplicate", json={"name": "Another"})
    assert copy.status == 201
    assert copy.json()["document"]["name"] == "Another"
    assert copy.json()["document"]["nodes"] == WHOLE["nodes"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"nodes": {}}, "/document/nodes"),
        ({"nodes": [1]}, "/document/nodes/0"),
        ({"nodes": [{"id": 1, "type": "set"}]}, "/document/nodes/0/id"),
        ({"connections": [{"from": "a"}]}, "/document/connections/0/to"),
        ({"name": 1}, "/document/name"),
        ({"settings": []}, "/document/settings"),
    ],
)
def test_what_no_editor_could_show_is_refused(
    ada: Person, document: dict[str, Any], pointer: str
) -> None:
    address, _etag = begin(ada)
    answer = ada.program.put(f"{address}/draft", json={"document": document})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
