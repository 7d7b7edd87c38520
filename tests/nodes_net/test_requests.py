"""What http_request sends: templates, bodies, keys, credentials, and how much at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from functions.nodes.net.http_request import node
from layers.contract import Effect, HttpRequest, HttpResponse, Json, NodeError
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes.context import read_params
from tests.nodes_net.exchange import run_async, scripted, scripted_error, served


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response(
        {
            "method": request.method,
            "path": request.path_qs,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        }
    )


def sent(params: dict[str, Json], secret: dict[str, Any] | None = None) -> HttpRequest:
    client = ScriptedClient(always=answer())
    scripted({"url": "http://a.test/p", **params}, client, secret=secret)
    return client.requests[0]


def test_every_item_is_sent_with_its_own_values_and_answered_in_order() -> None:
    items, server = served(
        echo,
        {
            "method": "{{ item.verb }}",
            "url": "{base}/orders/{{ item.id }}?a=1",
            "query": {"tag": "{{ item.tags }}", "none": None, "flag": True},
            "headers": {"X-Id": "{{ item.id }}", "X-None": None},
            "body": {"id": "{{ item.id }}", "n": [1, 2.5]},
        },
        [{"verb": "post", "id": 7, "tags": ["x y", "z"]}, {"verb": "PUT", "id": 8, "tags": []}],
    )
    assert [item["status"] for item in items] == [200, 200]
    first, second = (item["body"] for item in items)
    assert (first["method"], first["path"]) == ("POST", "/orders/7?a=1&tag=x+y&tag=z&flag=true")
    assert (second["method"], second["path"]) == ("PUT", "/orders/8?a=1&flag=true")
    assert first["headers"]["x-id"] == "7"
    assert "x-none" not in first["headers"]
    assert first["headers"]["content-type"] == "application/json"
    assert json.loads(first["body"]) == {"id": 7, "n": [1, 2.5]}
    assert items[0]["headers"]["content-type"].startswith("application/json")
    assert server.connections <= 2


def test_the_steps_key_goes_along_one_for_each_item() -> None:
    client = ScriptedClient(always=answer())
    scripted({"url": "http://a.test/", "concurrency": 1}, client, [{}, {}, {}])
    assert [request.headers["Idempotency-Key"] for request in client.requests] == [
        "execution/node/1",
        "execution/node/1:1",
        "execution/node/1:2",
    ]


def test_an_own_key_and_an_own_media_type_stay() -> None:
    request = sent(
        {"headers": {"idempotency-key": "mine", "content-type": "text/csv"}, "body": "a,b"}
    )
    assert request.headers == {"idempotency-key": "mine", "content-type": "text/csv"}


@pytest.mark.parametrize(
    ("body", "kind", "content", "media_type"),
    [
        ({"ä": 1}, "auto", '{"ä":1}'.encode(), "application/json"),
        ([1, None], "auto", b"[1,null]", "application/json"),
        ("plain ä", "auto", "plain ä".encode(), "text/plain; charset=utf-8"),
        (7, "auto", b"7", "application/json"),
        (None, "auto", None, None),
        ({"a": 1}, "none", None, None),
        ({"a": 1}, "json", b'{"a":1}', "application/json"),
        ('{"a": 1}', "json", b'{"a": 1}', "application/json"),
        (
            {"a b": "c&d", "n": 1, "l": ["x", "y"], "none": None},
            "form",
            b"a+b=c%26d&n=1&l=x&l=y",
            "application/x-www-form-urlencoded",
        ),
        ("a=1&b=2", "form", b"a=1&b=2", "application/x-www-form-urlencoded"),
        ("<a/>", "raw", b"<a/>", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_is_sent_as_its_kind_says(
    body: Json, kind: str, content: bytes | None, media_type: str | None
) -> None:
    request = sent({"method": "POST", "body": body, "body_type": kind})
    assert request.body == content
    assert request.headers.get("Content-Type") == media_type


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"body": {"a": 1}, "body_type": "raw"}, "body_type"),
        ({"body": "{oops", "body_type": "json"}, "not valid JSON"),
        ({"body": [1], "body_type": "form"}, "object of fields"),
        ({"body": {"a": {"b": 1}}, "body_type": "form"}, "form parameter 'a'"),
        ({"query": {"q": {"b": 1}}}, "query parameter 'q'"),
        ({"headers": {"X-A": [1]}}, "header 'X-A'"),
        ({"url": "http://[broken/"}, "URL"),
        ({"url": "{{ item.missing }}"}, "missing"),
    ],
)
def test_what_cannot_be_sent_is_an_error_that_names_the_field(
    params: dict[str, Json], words: str
) -> None:
    client = ScriptedClient()
    error = scripted_error({"url": "http://a.test/", **params}, client)
    assert words in error.message
    assert error.item_index == 0
    assert client.requests == []


def test_limits_reach_the_client() -> None:
    request = sent(
        {"timeout_s": 2.5, "follow_redirects": 0, "verify_tls": False, "max_response_mb": 0.5}
    )
    assert (request.timeout_s, request.follow_redirects) == (2.5, 0)
    assert (request.verify_tls, request.max_response_bytes) == (False, 500_000)
    defaults = sent({})
    assert (defaults.timeout_s, defaults.follow_redirects, defaults.verify_tls) == (30, 5, True)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"url": "http://a.test/", "timeout_s": 0},
        {"url": "http://a.test/", "timeout_s": 901},
        {"url": "http://a.test/", "concurrency": 0},
        {"url": "http://a.test/", "body_type": "xml"},
        {"url": "http://a.test/", "unknown": 1},
        {"url": "http://a.test/", "pagination": {"mode": "page"}},
        {"url": "http://a.test/", "pagination": {"mode": "cursor"}},
    ],
)
def test_wrong_parameters_are_refused_when_saved(params: dict[str, Json]) -> None:
    with pytest.raises(ValidationError):
        read_params(node, params)


def test_a_time_limit_that_an_expression_gives_is_checked_too() -> None:
    error = scripted_error(
        {"url": "http://a.test/", "timeout_s": "{{ item.t }}"}, ScriptedClient(), [{"t": 9999}]
    )
    assert "900" in error.message


class Gauge(ScriptedClient):
    """A client that answers only once as many requests wait as may run at the same time."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.expected, self.running, self.most = expected, 0, 0
        self.full = asyncio.Event()

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self.expected:
            self.full.set()
        await self.full.wait()
        self.running -= 1
        return answer({"url": request.url})


def test_so_many_run_at_once_and_no_more_and_the_order_stays() -> None:
    async def scenario() -> None:
        gauge = Gauge(3)
        items, _ = await run_async(
            {"url": "http://a.test/{{ item.n }}", "concurrency": 3},
            [{"n": n} for n in range(10)],
            gauge,
        )
        assert gauge.most == 3
        assert [item["body"]["url"] for item in items] == [f"http://a.test/{n}" for n in range(10)]

    asyncio.run(scenario())


def test_the_first_failure_stops_the_others_and_names_its_item() -> None:
    async def scenario() -> None:
        stopped: list[str] = []

        class Failing(ScriptedClient):
            async def send(self, request: HttpRequest) -> HttpResponse:
                if request.url.endswith("/1"):
                    raise NodeError("no", kind="connection", retry=True)
                try:
                    await asyncio.Event().wait()
                finally:
                    stopped.append(request.url)
                raise AssertionError

        with pytest.raises(NodeError) as caught:
            await run_async(
                {"url": "http://a.test/{{ item.n }}"}, [{"n": n} for n in range(9)], Failing()
            )
        assert (caught.value.item_index, caught.value.retry) == (1, True)
        assert sorted(stopped) == [f"http://a.test/{n}" for n in (0, 2, 3, 4)]

    asyncio.run(scenario())


def test_no_items_send_nothing() -> None:
    assert scripted({"url": "http://a.test/"}, ScriptedClient(), []) == []


CREDENTIALS = [
    ({"type": "http_bearer", "token": "s3cret"}, {"Authorization": "Bearer s3cret"}, ""),
    (
        {"type": "http_basic", "username": "ada", "password": "s3cret"},
        {"Authorization": "Basic YWRhOnMzY3JldA=="},
        "",
    ),
    ({"type": "http_header", "name": "X-Api-Key", "value": "s3cret"}, {"X-Api-Key": "s3cret"}, ""),
    ({"type": "http_query", "name": "api_key", "value": "s3 &cret"}, {}, "api_key=s3+%26cret"),
]


@pytest.mark.parametrize(("secret", "headers", "query"), CREDENTIALS)
def test_a_credential_goes_where_its_type_says(
    secret: dict[str, Any], headers: dict[str, str], query: str
) -> None:
    request = sent({"url": "http://a.test/p?x=1"}, secret)
    assert headers.items() <= request.headers.items()
    assert request.url == "http://a.test/p?x=1" + (f"&{query}" if query else "")


def test_a_credential_takes_the_place_of_the_same_header_in_any_case() -> None:
    request = sent({"headers": {"AUTHORIZATION": "mine"}}, CREDENTIALS[0][0])
    assert request.headers["Authorization"] == "Bearer s3cret"
    assert "AUTHORIZATION" not in request.headers


@pytest.mark.parametrize(
    ("allowed", "url", "goes"),
    [
        (["a.test"], "http://a.test/", True),
        (["a.test"], "http://A.test:8080/", True),
        ("b.test, a.test", "https://a.test/", True),
        (["a.test:8080"], "http://a.test:8080/", True),
        (["a.test:8080"], "http://a.test/", False),
        (["a.test:443"], "https://a.test/", True),
        (["*.a.test"], "http://x.a.test/", True),
        (["*.a.test"], "http://a.test/", False),
        (["*.a.test"], "http://xa.test/", False),
        (["a.test"], "http://evil.test/?a.test", False),
        (["a.test"], "http://a.test.evil.test/", False),
        (["a.test"], "http://evil-a.test/", False),
        (["xn--bcher-kva.test"], "http://bücher.test/", True),
        (["a.test"], "http://evil.test\t/@a.test", False),
        ([], "http://a.test/", False),
    ],
)
def test_a_secret_goes_only_to_the_hosts_of_its_credential(
    allowed: object, url: str, goes: bool
) -> None:
    secret = {"type": "http_bearer", "token": "s3cret", "allowed_hosts": allowed}
    client = ScriptedClient(always=answer())
    if goes:
        scripted({"url": url}, client, secret=secret)
        assert client.requests[0].headers["Authorization"] == "Bearer s3cret"
    else:
        error = scripted_error({"url": url}, client, secret=secret)
        assert error.kind == "credential_host"
        assert "s3cret" not in error.message
        assert client.requests == []


def test_a_credential_without_hosts_goes_nowhere_and_says_which_host_to_add() -> None:
    secret = {"type": "http_bearer", "token": "s3cret", "allowed_hosts": []}
    client = ScriptedClient()
    error = scripted_error({"url": "https://api.Bücher.test:8443/x"}, client, secret=secret)
    assert "add 'api.xn--bcher-kva.test' to its allowed hosts" in error.message
    assert error.detail == {"host": "api.xn--bcher-kva.test"}
    assert client.requests == []


def test_a_credential_without_its_secret_says_which_field_to_fill_in() -> None:
    error = scripted_error(
        {"url": "http://a.test/"}, ScriptedClient(), secret={"type": "http_bearer", "token": ""}
    )
    assert "'token'" in error.message


@pytest.mark.parametrize(("secret", "headers", "query"), CREDENTIALS)
def test_a_secret_that_the_other_side_echoes_is_not_in_the_error(
    secret: dict[str, Any], headers: dict[str, str], query: str
) -> None:
    echoed = f"you sent {headers} and {query} and {secret.get('value', '')}"
    error = scripted_error(
        {"url": "http://a.test/"}, ScriptedClient([answer(echoed, 401)]), secret=secret
    )
    shown = error.message + repr(error.detail)
    assert "you sent" in shown
    for hidden in ("s3cret", "YWRhOnMzY3JldA", "s3 &cret", "s3+%26cret", "s3%20%26cret"):
        assert hidden not in shown


def test_the_effect_is_keyed_whatever_the_method() -> None:
    assert node.effect is Effect.KEYED
    assert node.effect_of is None
