"""Where the mark of the next page goes, what ends the pages, and what a failing one leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from functions.nodes.net.http_request import node
from layers.contract import HttpRequest, HttpResponse, Item, Json, NodeError
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes.context import read_params
from tests.nodes_net.exchange import NetContext, run_async, scripted, scripted_error

URL = "http://a.test/search"


def bodies(client: ScriptedClient) -> list[Any]:
    return [json.loads(request.body or b"null") for request in client.requests]


def pages(*numbers: int, more: Mapping[str, Json] = {}) -> list[HttpResponse]:
    """Pages of one row each; all but the last have a mark."""
    last = len(numbers) - 1
    return [
        answer({"data": [{"n": n}], "next": None if at == last else f"m{n}", **more})
        for at, n in enumerate(numbers)
    ]


def cursor(**more: Json) -> dict[str, Json]:
    return {"mode": "cursor", "cursor_path": "next", "items_path": "data", **more}


def test_the_mark_goes_into_the_body_of_a_post() -> None:
    client = ScriptedClient(pages(1, 2, 3))
    paging = cursor(**{"in": "body", "parameter": "variables.after"})
    body = {"query": "{ x }", "variables": {"after": None, "first": 2}}
    params: dict[str, Json] = {"method": "POST", "url": URL, "body": body, "pagination": paging}
    assert scripted(params, client) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [one["variables"] for one in bodies(client)] == [
        {"after": None, "first": 2},
        {"after": "m1", "first": 2},
        {"after": "m2", "first": 2},
    ]
    assert all(one["query"] == "{ x }" for one in bodies(client))
    assert [request.headers["Idempotency-Key"] for request in client.requests] == [
        "execution/node/1",
        "execution/node/1:page-2",
        "execution/node/1:page-3",
    ]


@pytest.mark.parametrize(
    ("paging", "body", "kind", "sent"),
    [
        ({"in": "body", "parameter": "after"}, None, "auto", [None, {"after": "m1"}]),
        ({"in": "body"}, '{"a": 1}', "json", [{"a": 1}, {"a": 1, "cursor": "m1"}]),
        ({"in": "body", "parameter": "a.b"}, {"a": {"c": 1}}, "auto",
         [{"a": {"c": 1}}, {"a": {"c": 1, "b": "m1"}}]),
    ],
    ids=["no body", "text", "deep"],
)  # fmt: skip
def test_a_body_is_kept_but_for_its_mark(
    paging: dict[str, Json], body: Json, kind: str, sent: list[Json]
) -> None:
    client = ScriptedClient(pages(1, 2))
    scripted({"url": URL, "body": body, "body_type": kind, "pagination": cursor(**paging)}, client)
    assert bodies(client) == sent
    assert client.requests[1].headers["Content-Type"] == "application/json"


def test_the_mark_goes_into_a_form_or_a_header_too() -> None:
    client = ScriptedClient(pages(1, 2))
    form = {"q": "a b", "cursor": "x"}
    scripted(
        {"url": URL, "body": form, "body_type": "form", "pagination": cursor(**{"in": "body"})},
        client,
    )
    assert [request.body for request in client.requests] == [b"q=a+b&cursor=x", b"q=a+b&cursor=m1"]
    client = ScriptedClient(pages(1, 2))
    paging = cursor(**{"in": "header", "parameter": "X-Next"})
    scripted({"url": URL, "headers": {"x-next": ""}, "pagination": paging}, client)
    assert [{n.lower(): v for n, v in r.headers.items()}["x-next"] for r in client.requests] == [
        "",
        "m1",
    ]


def test_numbers_go_into_the_body_as_numbers() -> None:
    client = ScriptedClient([*pages(1, 2), answer({"data": []})])
    paging = {
        "mode": "page",
        "in": "body",
        "parameter": "page.no",
        "items_path": "data",
        "start": 0,
    }
    scripted({"url": URL, "body": {"q": 1}, "pagination": paging}, client)
    assert bodies(client) == [{"q": 1, "page": {"no": n}} for n in (0, 1, 2)]


@pytest.mark.parametrize("body", ["no json", [1]])
def test_a_body_that_can_hold_no_mark_is_an_error(body: Json) -> None:
    error = scripted_error(
        {"url": URL, "body": body, "pagination": cursor(**{"in": "body"})},
        ScriptedClient(pages(1, 2)),
    )
    assert error.kind == "pagination"
    assert "JSON object or a form" in error.message


def test_a_condition_on_the_answer_ends_the_pages() -> None:
    def paged(request: HttpRequest) -> HttpResponse:
        number = 1 + request.url.count("cursor")
        return answer({"data": [{"n": number}], "next": "same", "has_more": number < 2})

    client = ScriptedClient(always=paged)
    paging = cursor(end_when="not response.body.has_more")
    assert scripted({"url": URL, "pagination": paging}, client) == [{"n": 1}, {"n": 2}]
    client = ScriptedClient(pages(1, 2, 3, 4))
    for condition in ("page == 2", "response.status == 200 and page > 1"):
        client = ScriptedClient(pages(1, 2, 3, 4))
        items = scripted({"url": URL, "pagination": cursor(end_when=condition)}, client)
        assert [item["n"] for item in items] == [1, 2]


def test_an_expression_says_what_the_next_request_is() -> None:
    client = ScriptedClient(
        [replace(one, url=f"{URL}?a=1") for one in pages(1, 2, 3)],
    )
    paging: Json = {
        "mode": "expression",
        "items_path": "data",
        "next_request": (
            "{{ {'url': '/other%2F?p=' + str(page), 'query': {'x': item.x},"
            " 'headers': {'X-P': page}, 'body': {'after': response.body.next}}"
            " if response.body.next else None }}"
        ),
    }
    params: dict[str, Json] = {"method": "POST", "url": f"{URL}?a=1", "pagination": paging}
    items = scripted(params, client, [{"x": "ü"}])
    assert [item["n"] for item in items] == [1, 2, 3]
    assert [request.url for request in client.requests] == [
        f"{URL}?a=1",
        "http://a.test/other%2F?p=1&x=%C3%BC",
        "http://a.test/other%2F?p=2&x=%C3%BC",
    ]
    assert bodies(client) == [None, {"after": "m1"}, {"after": "m2"}]
    assert [request.headers.get("X-P") for request in client.requests] == [None, "1", "2"]


@pytest.mark.parametrize(
    ("paging", "words"),
    [
        ({"mode": "expression", "next_request": "{{ {'method': 'PUT'} }}"}, "url, query, headers"),
        ({"mode": "expression", "next_request": "{{ 'x' }}"}, "must give an object"),
        ({"mode": "expression", "next_request": {"query": "{{ [1] }}"}}, "'query'"),
        ({"mode": "expression", "next_request": {"query": {"a": 1}}}, "never end"),
        ({"mode": "cursor", "cursor_path": "next", "end_when": "response.nope"}, "nope"),
    ],
)
def test_what_leads_nowhere_is_an_error(paging: dict[str, Json], words: str) -> None:
    client = ScriptedClient(always=answer({"next": "m"}, url=URL))
    error = scripted_error({"url": URL, "pagination": paging}, client)
    assert words in error.message


def test_a_circle_of_pages_ends_with_an_error() -> None:
    def circle(request: HttpRequest) -> HttpResponse:
        following = {"a": "b", "b": "c", "c": "a"}[request.url[-1]]
        return answer({"next": following})

    client = ScriptedClient(always=circle)
    params: dict[str, Json] = {
        "url": f"{URL}?cursor=a",
        "pagination": {"mode": "cursor", "cursor_path": "next"},
    }
    error = scripted_error(params, client)
    assert "never end" in error.message
    assert len(client.requests) == 3


def test_a_page_that_fails_says_how_far_it_came() -> None:
    client = ScriptedClient([*pages(1, 2, 3)[:2], answer("broken", 503)])
    error = scripted_error({"url": URL, "pagination": cursor()}, client)
    assert error.kind == "http_status"
    assert error.retry
    assert error.message.startswith("Page 3: ")
    assert "The 2 before gave 2 items." in error.message
    assert (error.detail["page"], error.detail["items_before"]) == (3, 2)
    first = scripted_error({"url": URL, "pagination": cursor()}, ScriptedClient([answer("", 503)]))
    assert "Page" not in first.message


def failing_on_the_third(*, retried: bool) -> tuple[list[Item], NetContext]:
    async def scenario() -> tuple[list[Item], NetContext]:
        client = ScriptedClient([*pages(1, 2, 3)[:2], answer("it broke", 503)])
        context = Retrying if retried else NetContext
        params: dict[str, Json] = {"url": URL, "pagination": cursor(if_page_fails="keep")}
        return await run_async(params, [{}], client, context=context)

    return asyncio.run(scenario())


class Retrying(NetContext):
    """A context whose step has attempts left."""

    def will_retry(self, error: NodeError) -> bool:
        return error.retry


def test_what_the_pages_before_gave_is_kept_where_that_is_wanted() -> None:
    items, context = failing_on_the_third(retried=False)
    assert [item.get("n") for item in items] == [1, 2, None]
    told = items[2]["error"]
    assert (told["kind"], told["status"], told["page"], told["items_before"]) == (
        "http_status",
        503,
        3,
        2,
    )
    assert "it broke" in told["message"]
    assert "it broke" in context.lines[0]


def test_a_page_that_is_tried_again_is_not_given_up_before() -> None:
    with pytest.raises(NodeError) as caught:
        failing_on_the_third(retried=True)
    assert caught.value.detail["page"] == 3


@pytest.mark.parametrize(
    "paging",
    [
        {"mode": "expression"},
        {"mode": "cursor", "cursor_path": "n", "in": "cookie"},
        {"mode": "cursor", "cursor_path": "n", "end_when": "1 +"},
    ],
)
def test_wrong_pagination_is_refused_when_saved(paging: dict[str, Json]) -> None:
    with pytest.raises(ValidationError):
        read_params(node, {"url": URL, "pagination": paging})


def test_expressions_on_answers_see_no_secret() -> None:
    secret = {"type": "http_bearer", "token": "s3cret-token", "allowed_hosts": ["a.test"]}
    client = ScriptedClient(
        always=lambda request: answer({"echo": request.headers["Authorization"], "next": "m"})
    )
    paging = {
        "mode": "cursor",
        "cursor_path": "next",
        "end_when": "'s3cret' not in response.body.echo",
    }
    scripted({"url": URL, "pagination": paging}, client, secret=secret)
    assert len(client.requests) == 1
