"""Cases from people's bug reports: how workflows go on, and what values become."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.cases.conftest import Bench, Service, answer_of, chain, output_of, step_of
from tests.waiting import until


def test_callback_head_resumes(bench: Bench) -> None:
    document = chain(
        {"id": "m", "type": "manual"},
        {"id": "u", "type": "set", "params": {"fields": {"url": "{{ execution.callback_url }}"}}},
        {"id": "w", "type": "wait", "params": {"callback": True}},
        {"id": "n", "type": "no_op"},
    )
    made = bench.account.call("POST", "/workflows", json=document).json()
    started = bench.account.call("POST", f"/workflows/{made['id']}/run", json={}).json()
    address = f"/executions/{started['execution_id']}"

    def execution() -> dict[str, Any]:
        found: dict[str, Any] = bench.account.call("GET", address).json()
        return found

    until(lambda: execution()["status"] == "waiting", lambda: str(execution()))
    url = output_of(execution(), "u")[0]["url"]
    assert requests.head(url, timeout=60).status_code < 500
    assert requests.options(url, timeout=60).status_code < 500
    assert requests.get(url, timeout=60).status_code < 500
    assert (
        requests.post(
            url, data="{", headers={"Content-Type": "application/json"}, timeout=60
        ).status_code
        == 400
    )
    assert execution()["status"] == "waiting"
    assert requests.post(url, json={"ok": True}, timeout=60).status_code == 202
    until(lambda: execution()["status"] == "succeeded", lambda: str(execution()))
    assert requests.post(url, json={"ok": True}, timeout=60).status_code in (409, 410)


def test_cron_nicknames(bench: Bench) -> None:
    for cron in ("@daily", "@hourly", "@weekly", "@monthly", "@yearly", "@midnight"):
        found = bench.account.call("POST", "/schedules/preview", json={"params": {"cron": cron}})
        assert len(found.json()["next"]) == 5


def test_schedule_every_other_week(bench: Bench) -> None:
    every = {"weeks": 2, "on": ["MON"], "at": "09:00", "from": "2030-01-07"}
    params = {"every": every, "timezone": "Europe/Berlin"}
    found = bench.account.call("POST", "/schedules/preview", json={"params": params}).json()
    assert found["next"][:2] == ["2030-01-07T08:00:00.000Z", "2030-01-21T08:00:00.000Z"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (
            'date_diff(parse_date("2025-03-31", "Europe/Berlin"), '
            'parse_date("2025-03-30", "Europe/Berlin"), "days")',
            1,
        ),
        (
            'date_diff(add_time(parse_date("2025-03-29T12:00", "Europe/Berlin"), days=2), '
            'parse_date("2025-03-29T12:00", "Europe/Berlin"), "days")',
            2,
        ),
    ],
    ids=["a short day", "two days that were added"],
)
def test_date_diff_days(bench: Bench, expression: str, value: float) -> None:
    assert bench.preview(expression)["value"] == value


def test_regex_unicode_words(bench: Bench) -> None:
    assert bench.preview(r'regex_find("Zoë Müller", r"\w+")')["value"] == "Zoë"
    found = bench.preview(r'regex_find_all("naïve café", r"\b\w+\b")')["value"]
    assert found == ["naïve", "café"]


def test_merge_key_types(bench: Bench) -> None:
    def joined(**params: Any) -> dict[str, Any]:
        nodes = [
            {"id": "m", "type": "manual"},
            {"id": "a", "type": "set", "params": {"fields": {"id": "{{ 1 }}"}}},
            {"id": "b", "type": "set", "params": {"fields": {"id": "1"}}},
            {"id": "j", "type": "merge", "params": {"mode": "key", "key": "id", **params}},
        ]
        connections = [
            {"from": "m", "to": "a"},
            {"from": "m", "to": "b"},
            {"from": "a", "to": "j", "to_port": "a"},
            {"from": "b", "to": "j", "to_port": "b"},
        ]
        return bench.run_workflow({"name": "j", "nodes": nodes, "connections": connections}, [{}])

    assert len(output_of(joined(compare="loose"), "j")) == 1
    exact = joined()
    assert not output_of(exact, "j")
    assert "0 of 1 items of 'b' joined" in step_of(exact, "j")["logs"][0]["text"]


def test_no_items_path(bench: Bench) -> None:
    found = bench.run(
        {"id": "s", "type": "split_out", "params": {"field": "rows"}},
        {"id": "a", "type": "aggregate", "params": {"into": "all"}},
        {"id": "t", "type": "set", "params": {"fields": {"n": "{{ len(item.all) }}"}}},
        items=[{"rows": []}],
    )
    assert [step["node_id"] for step in found["steps"]] == ["m", "s"]
    found = bench.run(
        {"id": "s", "type": "split_out", "params": {"field": "rows"}, "if_empty": "one_empty_item"},
        {"id": "a", "type": "aggregate", "params": {"into": "all"}},
        {"id": "t", "type": "set", "params": {"fields": {"n": "{{ len(item.all) }}"}}},
        items=[{"rows": []}],
    )
    assert output_of(found, "t")[0]["n"] == 0


def test_on_error_per_item(bench: Bench, service: Service) -> None:
    def answer(sent: bytes) -> bytes:
        failed = b"x=2 " in sent
        status = "500 Internal Server Error" if failed else "200 OK"
        return answer_of(b"{}", "Content-Type: application/json", status=status)

    service.answer = answer
    node = {
        "id": "r",
        "type": "http_request",
        "params": {"url": service.url + "/?x={{ item.x }}"},
        "on_error": "error_port",
    }
    found = bench.run(node, items=[{"x": 1}, {"x": 2}, {"x": 3}])
    assert [item["status"] for item in output_of(found, "r")] == [200, 200]
    failed = output_of(found, "r", "error")
    assert len(failed) == 1
    assert failed[0]["x"] == 2
    assert "500" in str(failed[0]["error"])


def test_remove_duplicates_across_runs(bench: Bench) -> None:
    params = {"fields": ["id"], "scope": "workflow"}
    hook = bench.hook(
        "",
        {"id": "s", "type": "split_out", "params": {"field": "body"}},
        {"id": "d", "type": "remove_duplicates", "params": params},
        {"id": "a", "type": "aggregate", "params": {"field": "id", "into": "ids"}},
    )
    for sent, new in (([1, 2], [1, 2]), ([2, 3], [3])):
        answer = requests.post(hook, json=[{"id": one} for one in sent], timeout=60)
        assert answer.json() == {"ids": new}


def test_workflow_roundtrip(bench: Bench) -> None:
    document = chain({"id": "m", "type": "manual"}, {"id": "n", "type": "no_op"})
    made = bench.account.call("POST", "/workflows", json=document).json()
    read = bench.account.call("GET", f"/workflows/{made['id']}").json()
    again = bench.account.call("PUT", f"/workflows/{made['id']}", json=read).json()
    assert again["version"] == made["version"] + 1
    assert bench.account.call("POST", "/workflows", json=read).json()["id"] != made["id"]
