"""A wait's address ends that wait, once, by what its author wants as a call and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from functions.parts import Parts
from tests.asgi_client import Answer, Client
from tests.conftest import Person
from tests.engine.harness import workflow
from tests.http.test_hook_proof import CREDENTIALS, basic, signed
from tests.waiting import until

BASE = "/api/v1"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}


def step(name: str, kind: str, params: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "params": params or {}, **more}


def asks(name: str, **params: Any) -> dict[str, Any]:
    return step(name, "wait", {"callback": True, **params})


def address(name: str, source: str = "execution.callback_url") -> dict[str, Any]:
    return step(name, "set", {"fields": {"url": f"{{{{ {source} }}}}"}})


@dataclass
class Running:
    """An execution that waits, and whoever calls its addresses."""

    ada: Person
    stranger: Client
    parts: Parts
    id: str

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ada.program.get(f"{BASE}/executions/{self.id}").json()
        return found

    def reach(self, *status: str) -> dict[str, Any]:
        until(lambda: self.look()["status"] in status, lambda: str(self.look()))
        return self.look()

    def steps(self, node_id: str) -> list[dict[str, Any]]:
        found = [one for one in self.look()["steps"] if one["node_id"] == node_id]
        return sorted(found, key=lambda one: int(one["run_index"]))

    def url(self, node_id: str = "url", run: int = 0) -> str:
        until(
            lambda: len(self.steps(node_id)) > run and self.steps(node_id)[run]["output"],
            lambda: str(self.look()),
        )
        item = self.steps(node_id)[run]["output"]["main"][0]
        return urlsplit(item["url"]).path

    def waits(self, node_id: str, run: int = 0) -> str:
        """Have the step wait, perhaps no more by now; returns the address from the step before."""
        until(
            lambda: (
                len(self.steps(node_id)) > run and self.steps(node_id)[run]["status"] != "running"
            ),
            lambda: str(self.look()),
        )
        return node_id

    def call(self, url: str, method: str = "POST", **rest: Any) -> Answer:
        return self.stranger.request(method, url, **rest)

    def files(self) -> list[dict[str, Any]]:
        """What the last step gave as files."""
        with self.parts.database.reading() as connection:
            found = connection.execute(
                text("SELECT output FROM steps WHERE execution_id = :id AND node_id = 'end'"),
                {"id": self.id},
            ).scalar_one()
        return list(json.loads(found)["main"]["files"]["0"])

    def still_waits(self) -> bool:
        return bool(self.look()["status"] == "waiting")


Start = Callable[..., Running]


@pytest.fixture
def start(ada: Person, parts: Parts) -> Start:
    def begin(nodes: list[dict[str, Any]], connections: list[str], **settings: Any) -> Running:
        document = workflow([step("start", "manual"), *nodes], connections, **settings)
        made = ada.program.post(f"{BASE}/workflows", json=document)
        assert made.status == 201, made.text
        workflow_id = made.json()["id"]
        begun = ada.program.post(f"{BASE}/workflows/{workflow_id}/run", json={"wait": 1})
        assert begun.status == 202, begun.text
        return Running(ada, ada.browser.as_other(), parts, begun.json()["execution_id"])

    return begin


def one_wait(start: Start, **params: Any) -> tuple[Running, str]:
    credential = params.pop("credential_id", None)
    wait = asks("ask", **params)
    if credential is not None:
        wait["credential_id"] = credential
    running = start(
        [address("url"), wait, step("end", "no_op")],
        ["start -> url", "url -> ask", "ask -> end"],
    )
    running.waits("ask")
    return running, running.url()


def test_a_post_ends_the_wait_with_what_it_brings(start: Start) -> None:
    running, url = one_wait(start)
    assert running.call(f"{url}?by=ada", json={"ok": True}).status == 202
    done = running.reach("succeeded")
    item = done["output"][0]
    assert (item["body"], item["query"], item["method"]) == ({"ok": True}, {"by": "ada"}, "POST")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET", "PUT", "DELETE"])
def test_nothing_but_the_methods_that_count_ends_it(start: Start, method: str) -> None:
    running, url = one_wait(start)
    answer = running.call(url, method)
    assert answer.status == {"HEAD": 200, "OPTIONS": 204}.get(method, 405)
    assert answer.headers["allow"] == "HEAD, OPTIONS, POST"
    assert answer.body == b"" or method not in ("HEAD", "OPTIONS")
    assert running.still_waits()
    assert running.call(url).status == 202
    assert running.reach("succeeded")["output"][0]["method"] == "POST"


def test_other_methods_count_where_they_are_named(start: Start) -> None:
    running, url = one_wait(start, methods=["PUT"])
    assert running.call(url).status == 405
    assert running.call(url, "PUT", json=1).status == 202
    assert running.reach("succeeded")["output"][0]["body"] == 1


def test_a_second_call_is_refused_with_a_reason(start: Start) -> None:
    running = start(
        [address("url"), asks("one"), asks("two")],
        ["start -> url", "url -> one", "one -> two"],
    )
    running.waits("one")
    assert running.call(running.url(), json="first").status == 202
    running.waits("two")
    second = running.call(running.url(), json="second")
    assert second.status == 409
    assert "called already" in second.json()["detail"]
    assert running.steps("two")[0]["status"] == "waiting"


def test_a_call_after_the_end_is_refused(start: Start) -> None:
    running, url = one_wait(start)
    running.ada.program.post(f"{BASE}/executions/{running.id}/cancel")
    running.reach("cancelled")
    assert running.call(url).status == 410
    html = running.call(url, headers=BROWSER | {"Accept-Language": "de"})
    assert html.status == 410
    assert "wartet nicht mehr" in html.text


def test_each_of_several_waits_has_its_own_address(start: Start) -> None:
    running = start(
        [
            address("left_url", "execution.callback_urls.left"),
            address("right_url", "execution.callback_urls['Right hand']"),
            asks("left"),
            asks("right") | {"name": "Right hand"},
        ],
        [
            "start -> left_url",
            "left_url -> right_url",
            "right_url -> left",
            "right_url -> right",
        ],
    )
    running.waits("left")
    left, right = running.url("left_url"), running.url("right_url")
    assert left != right
    assert running.call(right, json="r").status == 202
    until(lambda: running.steps("right")[0]["status"] == "succeeded", "right goes on")
    assert running.call(right, json="r").status == 409
    assert running.steps("left")[0]["status"] == "waiting"
    assert running.call(left, json="l").status == 202
    running.reach("succeeded")
    assert running.steps("left")[0]["output"]["main"][0]["body"] == "l"
    assert running.steps("right")[0]["output"]["main"][0]["body"] == "r"


def test_the_plain_address_is_that_of_the_wait_behind(start: Start) -> None:
    running = start(
        [address("first"), asks("one"), address("second"), asks("two")],
        ["start -> first", "first -> one", "one -> second", "second -> two"],
    )
    running.waits("one")
    assert running.call(running.url("first"), json=1).status == 202
    running.waits("two")
    assert running.call(running.url("first"), json=1).status == 409
    assert running.call(running.url("second"), json=2).status == 202
    done = running.reach("succeeded")
    assert done["output"][0]["body"] == 2


def test_each_round_of_a_loop_has_its_own_address(start: Start) -> None:
    running = start(
        [
            step("two", "set", {"fields": {"list": [1, 2]}}),
            step("each", "split_out", {"field": "list"}),
            step("loop", "loop", {"batch_size": 1}),
            address("url"),
            asks("ask"),
        ],
        [
            "start -> two",
            "two -> each",
            "each -> loop",
            "loop:batch -> url",
            "url -> ask",
            "ask -> loop",
        ],
    )
    running.waits("ask")
    assert running.call(running.url(), json="a").status == 202
    running.waits("ask", 1)
    assert running.call(running.url(), json="again").status == 409
    assert running.url(run=1) != running.url()
    assert running.call(running.url(run=1), json="b").status == 202
    running.reach("succeeded")
    bodies = [one["output"]["main"][0]["body"] for one in running.steps("ask")]
    assert bodies == ["a", "b"]


def test_a_call_before_the_wait_is_reached_is_kept_for_it(start: Start) -> None:
    running = start(
        [
            address("first", "execution.callback_urls.one"),
            address("second", "execution.callback_urls.two"),
            asks("one"),
            asks("two"),
        ],
        ["start -> first", "first -> second", "second -> one", "one -> two"],
    )
    running.waits("one")
    assert running.call(running.url("second"), json="early").status == 202
    assert running.call(running.url("second"), json="again").status == 409
    assert running.steps("one")[0]["status"] == "waiting"
    assert running.call(running.url("first"), json="now").status == 202
    assert running.reach("succeeded")["output"][0]["body"] == "early"


def test_an_address_that_was_changed_is_none(start: Start) -> None:
    running, url = one_wait(start)
    execution, node, run, signature = url.removeprefix("/callbacks/").split("/")
    for wrong in (
        f"/callbacks/{execution}/{node}/1/{signature}",
        f"/callbacks/{execution}/end/{run}/{signature}",
        f"/callbacks/{execution}/{signature}",
        f"/callbacks/{execution}/{node}/{run}/{signature[:-1]}x",
        f"/callbacks/{execution}/{node}/{'9' * 30}/{signature}",
    ):
        assert running.call(wrong).status == 404
        assert running.call(wrong, "HEAD").status == 404
    assert running.still_waits()


def test_an_execution_s_own_address_goes_on_working(start: Start, parts: Parts) -> None:
    running, _url = one_wait(start)
    old = urlsplit(parts.engine.callbacks.url(running.id)).path
    assert running.call(f"{old}?node=%00").status == 404
    assert running.call(f"{old}?node=end%0A").status == 404
    assert running.call(old, "HEAD").status == 200
    page = running.call(old, "GET", headers=BROWSER)
    assert page.status == 200
    assert "<form" in page.text
    assert running.still_waits()
    assert running.call(old, json="old").status == 202
    assert running.reach("succeeded")["output"][0]["body"] == "old"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/amount"),
        ({"amount": "much"}, "/amount"),
        ({"amount": True}, "/amount"),
        ({"amount": 1, "note": 5}, "/note"),
        ([1], ""),
    ],
)
def test_a_body_that_is_not_what_is_expected_leaves_it_waiting(
    start: Start, body: Any, pointer: str
) -> None:
    fields = [
        {"name": "amount", "kind": "number"},
        {"name": "note", "kind": "text", "required": False},
    ]
    running, url = one_wait(start, expected=fields)
    answer = running.call(url, json=body)
    assert answer.status == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    broken = running.call(url, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status == 400
    assert running.still_waits()
    assert running.call(url, json={"amount": 1.5}).status == 202
    assert running.reach("succeeded")["output"][0]["body"] == {"amount": 1.5}


def test_the_page_asks_and_a_button_goes_on(start: Start) -> None:
    running, url = one_wait(
        start,
        confirm=True,
        page_title="Pay <b>{{ 40 + 2 }}</b>?",
        choices=[
            {"value": "yes", "title": "Approve", "style": "main"},
            {"value": "no", "title": "Decline"},
        ],
        expected=[
            {"name": "sure", "kind": "boolean"},
            {"name": "amount", "kind": "integer", "required": False},
        ],
    )
    page = running.call(url, "GET", headers=BROWSER | {"Accept-Language": "de-AT,en;q=0.5"})
    assert page.status == 200
    assert "Pay &lt;b&gt;42&lt;/b&gt;?" in page.text
    assert '<html lang="de">' in page.text
    assert 'value="yes"' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in page.text
    assert running.still_waits()
    wrong = running.call(url, content=b"choice=maybe&amount=some", headers=FORM)
    assert wrong.status == 422
    assert "<form" in wrong.text
    assert running.still_waits()
    thanks = running.call(url, content=b"choice=yes&amount=7", headers=FORM)
    assert thanks.status == 202
    assert "Approve" in thanks.text
    body = running.reach("succeeded")["output"][0]["body"]
    assert body == {"choice": "yes", "sure": False, "amount": 7}


def test_a_get_among_the_methods_means_the_page(start: Start) -> None:
    running, url = one_wait(start, methods=["GET"])
    assert running.call(url, "GET").status == 200
    assert running.still_waits()
    assert running.call(url).status == 202
    running.reach("succeeded")


def credential(ada: Person, kind: str) -> str:
    made = ada.program.post(f"{BASE}/credentials", json={"name": "c", **CREDENTIALS[kind]})
    assert made.status == 201, made.text
    return str(made.json()["id"])


CONTENT = json.dumps({"a": 1}).encode()
PROOFS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "basic": (basic("ada:secret"), basic("ada:wrong")),
    "header": ({"X-Key": "secret"}, {"X-Key": "wrong"}),
    "hmac": (signed("secret", CONTENT), signed("wrong", CONTENT)),
}


@pytest.mark.parametrize("kind", PROOFS)
def test_a_caller_without_proof_is_refused(ada: Person, start: Start, kind: str) -> None:
    running, url = one_wait(start, authentication=kind, credential_id=credential(ada, kind))
    genuine, wrong = PROOFS[kind]
    typed = {"Content-Type": "application/json"}
    for headers in ({}, wrong):
        assert running.call(url, content=CONTENT, headers=typed | headers).status == 401
    assert running.still_waits()
    assert running.call(url, content=CONTENT, headers=typed | genuine).status == 202
    done = running.reach("succeeded")
    kept = done["output"][0]["headers"]
    assert "secret" not in json.dumps(kept)


def test_a_browser_is_asked_for_the_password_before_the_page(ada: Person, start: Start) -> None:
    running, url = one_wait(
        start, confirm=True, authentication="basic", credential_id=credential(ada, "basic")
    )
    refused = running.call(url, "GET", headers=BROWSER)
    assert refused.status == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert running.call(url, "GET", headers=BROWSER | basic("ada:secret")).status == 200


def test_only_the_allowed_addresses_may_call(start: Start) -> None:
    running, url = one_wait(start, allowed_ips=["203.0.113.0/24"])
    assert running.call(url).status == 401
    assert running.still_waits()
    running, url = one_wait(start, allowed_ips=["127.0.0.0/8"])
    assert running.call(url).status == 202


def test_pages_of_allowed_origins_may_read_the_answer(start: Start) -> None:
    running, url = one_wait(start, allowed_origins=["https://app.example.com"])
    mine = {"Origin": "https://app.example.com", "Access-Control-Request-Headers": "content-type"}
    preflight = running.call(url, "OPTIONS", headers=mine)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    other = running.call(url, "OPTIONS", headers={"Origin": "https://evil.example.com"})
    assert "access-control-allow-origin" not in other.headers
    assert running.still_waits()
    called = running.call(url, json=1, headers=mine)
    assert called.headers["access-control-allow-origin"] == "https://app.example.com"


@pytest.mark.parametrize("timeout", ["fail", "port"])
def test_too_late_is_too_late(start: Start, timeout: str) -> None:
    running, url = one_wait(start, timeout_s=1, on_timeout=timeout)
    done = running.reach("failed" if timeout == "fail" else "succeeded")
    if timeout == "fail":
        assert done["error"]["kind"] == "callback_timeout"
    else:
        assert list(running.steps("ask")[0]["output"]) == ["timed_out"]
    late = running.call(url)
    assert late.status == 410
    assert running.call(url, headers={"Accept": "text/html"}).status == 410


@pytest.mark.parametrize("answer", ["thanks", "json", "refused"])
def test_no_answer_has_rights_on_our_origin(start: Start, answer: str) -> None:
    running, url = one_wait(start, confirm=True)
    if answer == "refused":
        url = url[:-1] + "x"
    headers = {} if answer == "json" else BROWSER
    policies = running.call(url, headers=headers).every("content-security-policy")
    assert len(policies) == 1
    assert policies[0] == "sandbox" or policies[0].endswith("sandbox allow-forms")
    assert "allow-same-origin" not in policies[0]


def test_files_of_a_call_come_with_its_item(start: Start) -> None:
    running, url = one_wait(start, expected=[{"name": "amount", "kind": "number"}])
    body = (
        b'--x\r\nContent-Disposition: form-data; name="amount"\r\n\r\n12\r\n'
        b'--x\r\nContent-Disposition: form-data; name="doc"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert running.call(url, content=body, headers=headers).status == 202
    item = running.reach("succeeded")["output"][0]
    assert item["body"] == {"amount": 12}
    assert [(one["name"], one["size"]) for one in running.files()] == [("a.pdf", 4)]


def test_a_person_sees_the_waits_and_goes_on_by_hand(start: Start) -> None:
    running, url = one_wait(
        start,
        timeout_s=3600,
        choices=[{"value": "yes"}],
        confirm=True,
    )
    address = f"{BASE}/executions/{running.id}"
    (wait,) = running.ada.program.get(f"{address}/waits").json()["items"]
    assert urlsplit(wait["url"]).path == url
    assert (wait["node_id"], wait["run_index"], wait["asks"]) == ("ask", 0, True)
    assert wait["until"] > wait["since"]
    wish = {"node_id": "ask", "body": {"choice": "maybe"}}
    wrong = running.ada.program.post(f"{address}/continue", json=wish)
    assert wrong.status == 422
    other = running.ada.program.post(f"{address}/continue", json={"node_id": "end"})
    assert other.status == 404
    assert running.still_waits()
    wish["body"] = {"choice": "yes"}
    assert running.ada.program.post(f"{address}/continue", json=wish).status == 202
    assert running.reach("succeeded")["output"][0]["body"] == {"choice": "yes"}
    assert running.ada.program.post(f"{address}/continue", json=wish).status == 409
    assert running.ada.program.get(f"{address}/waits").json()["items"] == []
