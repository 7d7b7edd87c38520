"""Which items an item came from, for those who look at an execution or write an expression."""

from __future__ import annotations

from typing import Any

from tests.conftest import Person
from tests.engine.harness import node, workflow

BASE = "/api/v1"
DOCUMENT = workflow(
    [
        node("start", "manual"),
        node("split", "split_out", {"field": "lines"}),
        node("large", "filter", {"condition": "item.n > 1"}),
        node("all", "aggregate", {"into": "all"}),
    ],
    ["start -> split", "split -> large", "large:kept -> all"],
)
ITEMS = [{"id": 7, "lines": [{"n": 1}, {"n": 2}]}, {"id": 8, "lines": [{"n": 3}]}]


def ran(ada: Person) -> str:
    made = ada.program.post(f"{BASE}/workflows", json=DOCUMENT).json()["id"]
    wish = {"items": ITEMS, "wait": 60}
    done = ada.program.post(f"{BASE}/workflows/{made}/run", json=wish).json()
    assert done["status"] == "succeeded", done
    return str(done["id"])


def ancestors(ada: Person, execution: str, name: str, query: str) -> list[tuple[str, str, int]]:
    answer = ada.program.get(f"{BASE}/executions/{execution}/steps/{name}/ancestors?{query}")
    assert answer.status == 200, answer.text
    assert answer.json()["truncated"] is False
    return [(one["node_id"], one["port"], one["index"]) for one in answer.json()["items"]]


def preview(ada: Person, execution: str, expression: str, index: int) -> Any:
    nodes = {"start": {"items": ITEMS, "item": ITEMS[0]}}
    body = {
        "expression": expression,
        "context": {"item": {"n": 3}, "nodes": nodes},
        "place": {"execution_id": execution, "node_id": "large", "index": index},
    }
    answer = ada.program.post(f"{BASE}/expressions/preview", json=body)
    assert answer.status == 200, answer.text
    return answer.json()


def test_the_ancestors_of_an_item_are_named_the_nearest_first(ada: Person) -> None:
    execution = ran(ada)
    assert ancestors(ada, execution, "large", "port=kept&index=1") == [
        ("split", "main", 2),
        ("start", "main", 1),
    ]
    assert ancestors(ada, execution, "all", "side=input&index=0") == [
        ("large", "kept", 0),
        ("split", "main", 1),
        ("start", "main", 0),
    ]
    assert ancestors(ada, execution, "all", "index=0") == [
        ("large", "kept", 0),
        ("large", "kept", 1),
        ("split", "main", 1),
        ("split", "main", 2),
        ("start", "main", 0),
        ("start", "main", 1),
    ]
    assert ancestors(ada, execution, "start", "index=0") == []


def test_an_item_that_is_not_there_is_not_found(ada: Person) -> None:
    execution = ran(ada)
    for place in ("large/ancestors?port=kept&index=2", "nowhere/ancestors?side=input&index=0"):
        url = f"{BASE}/executions/{execution}/steps/{place}"
        assert ada.program.get(url).status == 404


def test_a_preview_sees_the_item_that_its_own_came_from(ada: Person) -> None:
    execution = ran(ada)
    assert preview(ada, execution, "nodes.start.item.id", 1) == {"value": 7}
    assert preview(ada, execution, "nodes.start.item.id", 2) == {"value": 8}
    assert preview(ada, execution, "len(nodes.start['items'])", 2) == {"value": 2}
    error = preview(ada, execution, "nodes.start.item.id", 9)["error"]
    assert "came from no item of 'start'" in error["message"]
    assert error["column"] is not None
