"""Runs by hand: of drafts, of a part, once more; and looking into what came of them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from functions.http.executions import execution_changes
from functions.parts import Parts
from layers.engine.core.definition import WorkflowDefinition
from layers.engine.trial import up_to
from layers.errors import InvalidInput
from layers.ids import new_id
from tests.asgi_client import Answer
from tests.conftest import Person

BASE = "/api/v1"


def put(node_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "set", "params": {"fields": fields, "keep": True}}


def document(*nodes: dict[str, Any]) -> dict[str, Any]:
    """Nodes in a row behind a start by hand."""
    row = [{"id": "start", "type": "manual", "params": {}}, *nodes]
    pairs = pairwise(row)
    connections = [{"from": one["id"], "to": other["id"]} for one, other in pairs]
    return {"name": "Row", "nodes": row, "connections": connections}


class Bench:
    """A draft, and how it is run."""

    def __init__(self, person: Person, *nodes: dict[str, Any]) -> None:
        self.person = person
        body = {"name": "Row", "document": document(*nodes)}
        made = person.program.post(f"{BASE}/workflow-drafts", json=body)
        assert made.status == 201, made.text
        self.id = made.json()["workflow_id"]
        self.address = f"{BASE}/workflows/{self.id}"

    def save(self, *nodes: dict[str, Any]) -> None:
        body = {"document": document(*nodes)}
        assert self.person.program.put(f"{self.address}/draft", json=body).status == 200

    def run(self, **wish: Any) -> dict[str, Any]:
        body = {"source": "draft", "wait": 120, **wish}
        answer = self.person.program.post(f"{self.address}/run", json=body)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def retry(self, execution: dict[str, Any], **wish: Any) -> dict[str, Any]:
        answer = self.person.program.post(f"{BASE}/executions/{execution['id']}/retry", json=wish)
        assert answer.status == 202, answer.text
        return self.ended(answer.json()["execution_id"])

    def ended(self, execution_id: str) -> dict[str, Any]:
        address = f"{BASE}/executions/{execution_id}"
        client = self.person.program
        assert client._portal is not None
        # No worker runs beside the app here: its own engine takes up what is due.
        client._portal.call(client.app.state.parts.engine.lease_due, 5)
        client.get(f"{address}/events", to_end=True)
        found: dict[str, Any] = self.person.program.get(address).json()
        return found


def steps(execution: dict[str, Any]) -> dict[str, Any]:
    return {step["node_id"]: step for step in execution["steps"]}


def test_a_draft_runs_as_it_is_and_says_so(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1))
    execution = bench.run()
    assert execution["status"] == "succeeded"
    assert (execution["source"], execution["version"]) == ("draft", None)
    assert execution["workflow_name"] == "Row"
    assert ada.program.get(f"{bench.address}/versions").json()["items"] == []


def test_a_draft_that_cannot_run_says_where(ada: Person) -> None:
    bench = Bench(ada, {"id": "a", "type": "nothing-like-it", "params": {}})
    answer = ada.program.post(f"{bench.address}/run", json={"source": "draft"})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/nodes/1/type"


def test_a_run_goes_no_further_than_to_a_node(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1), put("b", y=2))
    execution = bench.run(node_id="a")
    assert set(steps(execution)) == {"start", "a"}
    assert execution["output"] == [{"x": 1}]


def test_a_node_runs_alone_on_what_came_into_it_last(ada: Person) -> None:
    now = "{{ execution.id }}"
    bench = Bench(ada, put("a", at=now), put("b", y=2))
    first = bench.run()
    bench.save(put("a", at=now), put("b", y=3))
    answer = ada.program.post(
        f"{bench.address}/run", json={"source": "draft", "node_id": "b", "scope": "node"}
    )
    second = bench.ended(answer.json()["execution_id"])
    assert second["retry_of"] == first["id"]
    assert second["output"][0]["y"] == 3
    # What leads to it did not run again.
    assert steps(second)["a"]["output"] == steps(first)["a"]["output"]


def test_what_has_changed_before_a_node_runs_again(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1), put("b", y=2))
    bench.run()
    bench.save(put("a", x=7), put("b", y=2))
    answer = ada.program.post(
        f"{bench.address}/run", json={"source": "draft", "node_id": "b", "scope": "node"}
    )
    assert bench.ended(answer.json()["execution_id"])["output"] == [{"x": 7, "y": 2}]


def test_a_node_runs_on_the_newest_data_that_there_are_for_it(ada: Person) -> None:
    bench = Bench(ada, put("a", at="{{ execution.id }}"), put("b", y=2))
    first = bench.run()
    bench.run(node_id="start")
    answer = ada.program.post(
        f"{bench.address}/run", json={"source": "draft", "node_id": "b", "scope": "node"}
    )
    second = bench.ended(answer.json()["execution_id"])
    assert steps(second)["a"]["output"]["main"] == [{"at": first["id"]}]


def test_trying_a_node_is_by_hand_whatever_its_data_came_from(ada: Person) -> None:
    path = f"hook-{new_id()}"
    hook = {"path": path, "respond": "last_node"}
    nodes = [{"id": "hook", "type": "webhook", "params": hook}, put("a", y=1)]
    body = {"name": "Hooked", "nodes": nodes, "connections": [{"from": "hook", "to": "a"}]}
    address = f"{BASE}/workflows/{ada.program.post(f'{BASE}/workflows', json=body).json()['id']}"
    ada.program.post(f"{address}/activate")
    assert ada.program.post(f"/hooks/{path}", json={"q": 1}).status == 200
    wish = {"node_id": "a", "scope": "node"}
    tried = ada.program.post(f"{address}/run", json=wish).json()["execution_id"]
    found = ada.program.get(f"{BASE}/executions/{tried}").json()
    assert (found["manual"], found["retry_of"] is None) == (True, False)


def test_a_retry_with_the_draft_goes_on_where_it_failed(ada: Person) -> None:
    gate = {"id": "gate", "type": "stop_and_error", "params": {"message": "no"}}
    bench = Bench(ada, put("a", at="{{ execution.id }}"), gate)
    failed = bench.run()
    assert failed["status"] == "failed"
    bench.save(put("a", at="{{ execution.id }}"), {"id": "gate", "type": "no_op", "params": {}})
    again = bench.retry(failed, version="draft")
    assert again["status"] == "succeeded"
    assert steps(again)["a"]["output"] == steps(failed)["a"]["output"]


def test_a_retry_with_other_items_runs_all_again(ada: Person) -> None:
    bench = Bench(ada, put("a", doubled="{{ item.n * 2 }}"))
    first = bench.run(items=[{"n": 1}])
    again = bench.retry(first, items=[{"n": 5}, {"n": 6}])
    assert [one["doubled"] for one in again["output"]] == [10, 12]


def many(ada: Person, count: int) -> tuple[Bench, dict[str, Any]]:
    split = {"id": "split", "type": "split_out", "params": {"field": "rows"}}
    bench = Bench(ada, split)
    return bench, bench.run(items=[{"rows": [{"n": n} for n in range(count)]}])


def test_large_data_come_in_parts(ada: Person) -> None:
    _bench, execution = many(ada, 100_000)
    address = f"{BASE}/executions/{execution['id']}"
    shown = ada.program.get(f"{address}/preview")
    assert len(shown.body) < 400_000
    split = steps(shown.json())["split"]
    assert split["output_preview"]["main"]["count"] == 100_000
    assert len(split["output_preview"]["main"]["items"]) == 20
    assert split["output_preview"]["main"]["truncated"]
    page = ada.program.get(f"{address}/steps/split/items", query={"offset": 99_999, "limit": 5})
    assert page.json() == {
        "total": 100_000,
        "offset": 99_999,
        "items": [{"n": 99_999}],
        "files": {},
    }
    came = ada.program.get(f"{address}/steps/split/items", query={"side": "input", "limit": 1})
    assert came.json()["total"] == 1
    whole = ada.program.get(f"{address}/steps/split/download")
    assert len(json.loads(whole.body)) == 100_000
    assert whole.headers["content-disposition"].startswith("attachment")


def test_a_preview_holds_the_document_that_ran(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1))
    execution = bench.run()
    bench.save(put("other", x=1))
    shown = ada.program.get(f"{BASE}/executions/{execution['id']}/preview").json()
    assert [node["id"] for node in shown["workflow"]["nodes"]] == ["start", "a"]


def test_events_count_the_items_of_each_port(ada: Person) -> None:
    _bench, execution = many(ada, 3)
    address = f"{BASE}/executions/{execution['id']}/events"
    told = ada.program.get(address, to_end=True).text
    lines = [line.removeprefix("data: ") for line in told.splitlines() if "output_counts" in line]
    by_node = {one["node_id"]: one for one in map(json.loads, lines)}
    assert by_node["split"]["input_counts"] == {"main": 1}
    assert by_node["split"]["output_counts"] == {"main": 3}
    last = [line for line in told.splitlines() if line.startswith("id: ")][-1]
    headers = {"last-event-id": last.removeprefix("id: ")}
    again = ada.program.get(address, headers=headers, to_end=True).text
    assert [line for line in again.splitlines() if line.startswith("event: ")] == ["event: end"]


def test_counts_stay_with_steps_that_are_used_again(ada: Person) -> None:
    gate = {"id": "gate", "type": "stop_and_error", "params": {"message": "no"}}
    bench = Bench(ada, put("a", x=1), gate)
    again = bench.retry(bench.run(items=[{}, {}]))
    told = ada.program.get(f"{BASE}/executions/{again['id']}/events", to_end=True).text
    lines = [line.removeprefix("data: ") for line in told.splitlines() if "output_counts" in line]
    counts = {one["node_id"]: one["output_counts"] for one in map(json.loads, lines)}
    assert counts == {"start": {"main": 2}, "a": {"main": 2}, "gate": {}}


def test_a_part_says_which_it_is_and_so_does_its_retry(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1), put("b", y=2))
    assert bench.run()["scope"] is None
    part = bench.run(node_id="a")
    assert part["scope"] == {"node_id": "a", "scope": "to_node"}
    assert bench.retry(part)["scope"] == part["scope"]
    assert bench.retry(part, version="draft")["scope"] is None


def test_the_trigger_that_is_named_gives_the_items(ada: Person) -> None:
    nodes = [
        {"id": "hand", "type": "manual", "params": {}},
        {"id": "clock", "type": "schedule", "params": {"cron": "0 3 * * *"}},
        put("a", by="hand"),
        put("b", by="clock"),
    ]
    ways = [{"from": "hand", "to": "a"}, {"from": "clock", "to": "b"}]
    bench = Bench(ada)
    body = {"document": {"name": "Two", "nodes": nodes, "connections": ways}}
    ada.program.put(f"{bench.address}/draft", json=body)
    assert bench.run()["output"] == [{"by": "hand"}]
    assert bench.run(trigger_node_id="clock")["output"] == [{"by": "clock"}]
    for wish in ({"trigger_node_id": "a"}, {"trigger_node_id": "clock", "node_id": "a"}):
        refused = ada.program.post(f"{bench.address}/run", json={"source": "draft", **wish})
        assert refused.status == 422
        assert refused.json()["errors"][0]["pointer"] == "/trigger_node_id"


def test_what_is_known_of_a_node_is_from_its_last_run(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1))
    nothing = ada.program.get(f"{bench.address}/node-data/a").json()
    assert (nothing["execution_id"], nothing["output"]) == (None, {})
    bench.run()
    bench.save(put("a", x=2))
    last = bench.run()
    known = ada.program.get(f"{bench.address}/node-data/a").json()
    assert known["execution_id"] == last["id"]
    assert known["output"]["main"]["items"] == [{"x": 2}]
    assert known["input"]["main"]["count"] == 1
    assert known["pinned"] is False


@pytest.mark.parametrize(("node_type", "port"), [("no_op", "main"), ("filter", "kept")])
def test_what_is_pinned_is_what_is_known_of_a_node(ada: Person, node_type: str, port: str) -> None:
    params = {} if node_type == "no_op" else {"condition": "True"}
    node = {"id": "a", "type": node_type, "params": params}
    bench = Bench(ada, node)
    bench.run(items=[{"n": 1}])
    bench.save({**node, "pinned": [{"n": 7}, {"n": 8}]})
    known = ada.program.get(f"{bench.address}/node-data/a").json()
    assert known["pinned"] is True
    assert known["output"] == {
        port: {"count": 2, "items": [{"n": 7}, {"n": 8}], "truncated": False, "files": {}}
    }
    assert known["input"]["main"]["items"] == [{"n": 1}]


def test_what_no_run_could_take_pins_nothing(ada: Person) -> None:
    bench = Bench(ada, {"id": "a", "type": "no_op", "params": {}, "pinned": [1]})
    known = ada.program.get(f"{bench.address}/node-data/a")
    assert (known.status, known.json()["pinned"]) == (200, False)


def test_what_came_from_several_is_paged_as_one(ada: Person) -> None:
    nodes = [
        {"id": "start", "type": "manual", "params": {}},
        {"id": "split", "type": "split_out", "params": {"field": "rows"}},
        put("a", by="a"),
        put("b", by="b"),
        {"id": "end", "type": "merge", "params": {"mode": "append"}},
    ]
    ways = [
        {"from": "start", "to": "split"},
        {"from": "split", "to": "a"},
        {"from": "split", "to": "b"},
        {"from": "a", "to": "end", "to_port": "a"},
        {"from": "b", "to": "end", "to_port": "b"},
    ]
    bench = Bench(ada)
    body = {"document": {"name": "Both", "nodes": nodes, "connections": ways}}
    ada.program.put(f"{bench.address}/draft", json=body)
    execution = bench.run(items=[{"rows": [{"n": n} for n in range(30)]}])
    address = f"{BASE}/executions/{execution['id']}"
    data = f"{address}/steps/end"
    page = ada.program.get(f"{data}/items", query={"offset": 29, "limit": 2}).json()
    assert (page["total"], page["items"]) == (60, [{"n": 29, "by": "a"}, {"n": 0, "by": "b"}])
    side = {"side": "input", "port": "b"}
    came = ada.program.get(f"{data}/items", query={**side, "offset": 29}).json()
    assert (came["total"], came["items"]) == (30, [{"n": 29, "by": "b"}])
    assert len(ada.program.get(f"{data}/download", query=side).json()) == 30
    assert ada.program.get(f"{data}/download", query={"port": "none"}).json() == []
    shown = steps(ada.program.get(f"{address}/preview").json())["end"]
    assert {port: one["count"] for port, one in shown["input_preview"].items()} == {
        "a": 30,
        "b": 30,
    }
    assert ada.program.get(f"{address}/steps/nothing/items").status == 404


def change(person: Person, **wish: Any) -> Answer:
    return person.program.post(f"{BASE}/execution-changes", json=wish)


def test_many_are_deleted_at_once_and_those_that_cannot_be_are_named(ada: Person) -> None:
    bench = Bench(ada, put("a", x=1))
    ids = [bench.run()["id"] for _ in range(3)]
    unknown = new_id()
    done = change(ada, action="delete", ids=[*ids[:2], unknown]).json()
    assert done["done"] == 2
    assert [one["id"] for one in done["skipped"]] == [unknown]
    left = ada.program.get(f"{BASE}/executions").json()["items"]
    assert [one["id"] for one in left] == [ids[2]]
    assert ada.program.delete(f"{BASE}/executions/{ids[2]}").status == 204
    assert ada.program.get(f"{BASE}/executions/{ids[2]}").status == 404


def test_what_an_execution_began_with_goes_with_it(ada: Person, parts: Parts) -> None:
    bench = Bench(ada, put("a", x=1))
    kept, gone = (bench.run(items=[{"secret": word}])["id"] for word in ("kept", "gone"))
    retried = bench.retry({"id": gone})
    assert ada.program.delete(f"{BASE}/executions/{gone}").status == 204
    assert bench.retry({"id": kept})["status"] == "succeeded"
    assert bench.retry(retried)["status"] == "succeeded"
    with parts.database.reading() as connection:
        found = connection.execute(
            text("SELECT payload FROM events WHERE execution_id = :id"), {"id": gone}
        ).all()
    assert found == []


def test_filters_find_what_they_say(ada: Person) -> None:
    gate = {"id": "gate", "type": "stop_and_error", "params": {"message": "The sky fell"}}
    failed, fine = Bench(ada, gate).run(), Bench(ada, put("a", x=1)).run()

    def found(**query: Any) -> list[str]:
        items = ada.program.get(f"{BASE}/executions", query=query).json()["items"]
        return [one["id"] for one in items]

    assert found(status="failed") == [failed["id"]]
    assert found(q="sky FELL") == [failed["id"]]
    assert found(q="100%") == []
    assert found(manual="false") == []
    assert found(workflow_id=fine["workflow_id"]) == [fine["id"]]
    assert found(to="2000-01-01T00:00:00Z") == []
    assert set(found(**{"from": "2000-01-01T00:00:00Z"})) == {failed["id"], fine["id"]}
    body = {"action": "delete", "filter": {"status": ["failed"]}}
    done = {"done": 1, "skipped": [], "more": False, "next_cursor": None}
    assert change(ada, **body).json() == done


def test_nothing_is_changed_where_nothing_was_named(ada: Person) -> None:
    kept = Bench(ada, put("a", x=1)).run()["id"]
    assert change(ada, action="delete").status == 422
    assert ada.program.get(f"{BASE}/executions/{kept}").status == 200


def test_each_of_many_is_changed_once(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_changes, "MOST", 2)
    gate = {"id": "gate", "type": "stop_and_error", "params": {"message": "no"}}
    bench = Bench(ada, gate)
    failed = [bench.run()["id"] for _ in range(3)]
    wish = {"action": "retry", "filter": {"status": ["failed"]}}
    first = change(ada, **wish).json()
    assert (first["done"], first["more"]) == (2, True)
    last = change(ada, **wish, cursor=first["next_cursor"]).json()
    assert (last["done"], last["more"]) == (1, False)
    listed = ada.program.get(f"{BASE}/executions").json()["items"]
    assert sorted(one["retry_of"] for one in listed if one["retry_of"]) == sorted(failed)


def test_triggers_say_how_they_are(ada: Person) -> None:
    path = f"hook-{new_id()}"
    hook = {"id": "hook", "type": "webhook", "name": "Orders", "params": {"path": path}}
    clock = {"id": "clock", "type": "schedule", "params": {"cron": "0 3 * * *"}}
    body = {"name": "Two", "nodes": [hook, clock], "connections": []}
    workflow_id = ada.program.post(f"{BASE}/workflows", json=body).json()["id"]
    ada.program.post(f"{BASE}/workflows/{workflow_id}/activate")
    listed = ada.program.get(f"{BASE}/triggers").json()["items"]
    by_node = {one["node_id"]: one for one in listed}
    assert by_node["hook"]["webhook"]["url"].endswith(f"/hooks/{path}")
    assert by_node["hook"]["node_name"] == "Orders"
    assert by_node["clock"]["webhook"] is None
    assert {one["workflow_name"] for one in listed} == {"Two"}
    ada.program.post(f"{BASE}/workflows/{workflow_id}/deactivate")
    stopped = ada.program.get(f"{BASE}/triggers", query={"state": "stopped"}).json()["items"]
    assert len(stopped) == 2


def test_a_part_is_a_node_and_all_that_leads_to_it() -> None:
    whole = WorkflowDefinition.model_validate(document(put("a"), put("b"), put("c")))
    part = up_to(whole, "b")
    assert [node.id for node in part.nodes] == ["start", "a", "b"]
    assert len(part.connections) == 2
    with pytest.raises(InvalidInput):
        up_to(whole, "nothing")
