"""Where webhooks listen: parameters in paths, methods that only ask, pages of other origins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asgi_client import Answer
from tests.conftest import Person
from tests.http.listening import activate, executions, listen, workflow_of
from tests.waiting import until

PAGE = "https://a.example"


def call(person: Person, method: str, path: str, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.browser.as_other().request(method, f"/hooks/{path}", headers=given)


def asked(person: Person, path: str, origin: str = PAGE, method: str = "POST") -> Answer:
    return call(
        person,
        "OPTIONS",
        path,
        Origin=origin,
        Access_Control_Request_Method=method,
        Access_Control_Request_Headers="content-type, x-a",
    )


def cors(answer: Answer) -> dict[str, str]:
    return {n: value for n, value in answer.headers.items() if n.startswith("access-control")}


# Parameters


@pytest.mark.parametrize(
    ("sent", "params"),
    [
        ("contacts/42", {"id": "42"}),
        ("contacts/42/", {"id": "42"}),
        ("contacts/J%C3%B6rg", {"id": "Jörg"}),
        ("contacts/a%2Fb", {"id": "a/b"}),
        ("contacts/:id", {"id": ":id"}),
    ],
)
def test_a_part_of_the_path_is_a_parameter(ada: Person, sent: str, params: dict[str, str]) -> None:
    listen(ada, "contacts/:id", method="GET")
    answer = raw(ada, sent)
    assert (answer.status, answer.json().get("params")) == (200, params)


def raw(person: Person, path: str) -> Answer:
    """Call a path as it is written, percent-encoding and all."""
    from urllib.parse import unquote

    client = person.browser.as_other()
    app = client.app

    async def spelled(scope: Any, receive: Any, send: Any) -> None:
        address = f"/hooks/{path}"
        await app({**scope, "path": unquote(address), "raw_path": address.encode()}, receive, send)

    client.app = spelled
    return client.get(f"/hooks/{unquote(path)}")


@pytest.mark.parametrize("sent", ["contacts", "contacts/1/2", "other/1"])
def test_other_addresses_do_not_match(ada: Person, sent: str) -> None:
    listen(ada, "contacts/:id", method="GET")
    assert call(ada, "GET", sent).status == 404


def test_a_fixed_path_has_no_parameters(ada: Person) -> None:
    listen(ada, "h", method="GET")
    assert call(ada, "GET", "h").json()["params"] == {}


def test_a_fixed_path_goes_before_one_with_parameters(ada: Person) -> None:
    listen(ada, "contacts/:id", method="GET")
    listen(ada, "contacts/new", method="GET")
    assert call(ada, "GET", "contacts/new").json()["params"] == {}
    assert call(ada, "GET", "contacts/old").json()["params"] == {"id": "old"}


def test_two_paths_that_could_both_be_meant_are_refused(ada: Person) -> None:
    listen(ada, "a/:x/c", method="GET")
    for path, method, status in [
        ("a/b/:y", "GET", 409),
        ("a/b/:y", "ANY", 409),
        ("a/:y/c", "GET", 409),
        ("a/b/:y", "POST", 200),
        ("a/:y/d", "GET", 200),
    ]:
        assert activate(ada, workflow_of(ada, path, method=method)).status == status, path


# Methods that only ask


@pytest.mark.parametrize("method", ["POST", "GET", "ANY"])
def test_head_says_that_something_listens_and_starts_nothing(ada: Person, method: str) -> None:
    listen(ada, "h", method=method)
    answer = call(ada, "HEAD", "h")
    assert (answer.status, answer.body) == (200, b"")
    assert executions(ada) == []


def test_head_starts_what_listens_for_head(ada: Person) -> None:
    listen(ada, "h", method="HEAD")
    assert call(ada, "HEAD", "h").status == 200
    assert len(executions(ada)) == 1


def test_another_method_is_told_which_are_possible(ada: Person) -> None:
    listen(ada, "h", method="POST")
    answer = call(ada, "PUT", "h")
    assert answer.status == 405
    assert answer.headers["allow"] == "HEAD, OPTIONS, POST"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_where_nothing_listens_nothing_is_found(ada: Person, method: str) -> None:
    assert call(ada, method, "nowhere").status == 404


# Pages of other origins


@pytest.mark.parametrize("method", ["POST", "ANY"])
def test_a_page_that_is_allowed_is_let_in_before_it_calls(ada: Person, method: str) -> None:
    listen(ada, "h", method=method, allowed_origins=[PAGE])
    answer = asked(ada, "h")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type, x-a"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers
    assert executions(ada) == []


@pytest.mark.parametrize("allowed", [[], ["https://b.example"], ["https://a.example:8443"]])
def test_other_pages_are_not(ada: Person, allowed: list[str]) -> None:
    listen(ada, "h", method="ANY", allowed_origins=allowed)
    answer = asked(ada, "h")
    assert (answer.status, cors(answer)) == (204, {})
    assert cors(call(ada, "POST", "h", Origin=PAGE)) == {}


def test_the_answer_itself_may_be_read(ada: Person) -> None:
    listen(ada, "h", allowed_origins=["https://A.example/"])
    answer = call(ada, "POST", "h", Origin=PAGE)
    assert (answer.status, cors(answer)) == (200, {"access-control-allow-origin": PAGE})
    assert answer.headers["vary"] == "Origin"


def test_all_pages_may_be_allowed(ada: Person) -> None:
    listen(ada, "h", allowed_origins=["*"])
    assert cors(call(ada, "POST", "h", Origin=PAGE)) == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"Content_Type": "text/plain; charset=punycode"}, 415),
        ("POST", {"Content_Encoding": "compress"}, 415),
        ("POST", {"Content_Length": str(1 << 40)}, 413),
        ("PUT", {}, 405),
    ],
)
def test_a_refusal_may_be_read_as_well(
    ada: Person, method: str, headers: dict[str, str], status: int
) -> None:
    listen(ada, "h", allowed_origins=[PAGE])
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = ada.browser.as_other().request(
        method, "/hooks/h", content=b"x", headers={"Origin": PAGE, **given}
    )
    assert answer.status == status, answer.text
    assert cors(answer) == {"access-control-allow-origin": PAGE}


def test_a_webhook_that_was_changed_takes_what_it_refused_before(ada: Person) -> None:
    refused = {"Content_Encoding": "compress"}
    workflow = listen(ada, "h", allowed_ips=["203.0.113.7"])
    assert call(ada, "POST", "h", **refused).status == 401
    found = ada.program.get(f"/api/v1/workflows/{workflow}").json()
    found["nodes"][0]["params"]["allowed_ips"] = []
    changed = {name: found[name] for name in ("name", "connections", "nodes")}
    assert ada.program.put(f"/api/v1/workflows/{workflow}", json=changed).status == 200
    assert activate(ada, workflow).status == 200
    until(lambda: call(ada, "POST", "h").status == 200, "it still refuses")


def test_a_refusal_that_takes_long_is_a_refusal(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(ada, "h")
    assert call(ada, "POST", "h").status == 200
    parts = ada.browser.app.state.parts
    moment = parts.clock.now()

    def later() -> float:
        nonlocal moment
        moment += 0.6
        return moment

    monkeypatch.setattr(parts.clock, "now", later)
    assert call(ada, "POST", "h", Content_Type="text/plain; charset=idna").status == 200
    refused = ada.browser.as_other().post(
        "/hooks/h", content=b"x", headers={"Content-Type": "text/plain; charset=idna"}
    )
    assert refused.status == 415
