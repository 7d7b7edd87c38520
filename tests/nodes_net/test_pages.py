"""Going through pages: by link, by number, by cursor; where it ends, and where it must not go."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from functions.nodes.http_pages import link_next
from layers.contract import HttpRequest, HttpResponse, Json
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes_net.exchange import run_async, scripted, scripted_error, served


def urls(client: ScriptedClient) -> list[str]:
    return [request.url for request in client.requests]


def linked(path: str, *, host: str = "") -> HttpResponse:
    return answer([1], headers={"Link": f'<{host}{path}>; rel="next"'}, url="http://a.test/o/?p=1")


def test_links_in_the_header_are_followed_to_the_end_on_a_real_server() -> None:
    async def paged(request: web.Request) -> web.StreamResponse:
        number = int(request.query.get("page", "1"))
        headers = {"Link": f'</list?page={number + 1}>; rel="next"'} if number < 3 else {}
        return web.json_response([{"n": number * 10}, {"n": number * 10 + 1}], headers=headers)

    items, server = served(
        paged, {"url": "{base}/list", "pagination": {"mode": "next_url", "items_path": ""}}
    )
    assert [item["n"] for item in items] == [10, 11, 20, 21, 30, 31]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<http://a/2>; rel="next"', "http://a/2"),
        ("<http://a/2>; rel=next", "http://a/2"),
        ('<http://a/1>; rel="prev", <http://a/2>; rel="next"', "http://a/2"),
        ('<http://a/2,3;x>; title="a, b; rel=prev"; rel="last next"', "http://a/2,3;x"),
        ('<http://a/2> ; REL = "NEXT"', "http://a/2"),
        ('<http://a/2>; rel="nextish"', None),
        ('<http://a/2>; rel="prev"', None),
        ("<http://a/2>", None),
        ("", None),
        ("<" * 5000, None),
        ("<a>" + "; x" * 5000, None),
    ],
)
def test_a_link_header_is_read_as_rfc_8288_says(header: str, target: str | None) -> None:
    assert link_next(header) == target


def test_the_body_may_name_the_next_page_and_each_page_is_an_item() -> None:
    client = ScriptedClient(
        [
            answer({"n": 1, "links": {"next": "?p=2"}}, url="http://a.test/o/?p=1"),
            answer({"n": 2, "links": {"next": "http://a.test/o/?p=3"}}, url="http://a.test/o/?p=2"),
            answer({"n": 3, "links": {"next": None}}),
        ]
    )
    items = scripted(
        {
            "url": "http://a.test/o/?p=1",
            "pagination": {"mode": "next_url", "next_path": "links.next"},
        },
        client,
    )
    assert [item["body"]["n"] for item in items] == [1, 2, 3]
    assert urls(client) == [f"http://a.test/o/?p={number}" for number in (1, 2, 3)]


def test_page_numbers_count_up_until_a_page_is_empty() -> None:
    client = ScriptedClient([answer({"d": {"l": [1, {"a": 2}]}}), answer({"d": {"l": [3]}}),
                             answer({"d": {"l": []}})])  # fmt: skip
    items = scripted(
        {
            "url": "http://a.test/?offset=99&q=x+y",
            "pagination": {"mode": "page", "parameter": "offset", "start": 0, "step": 2,
                           "items_path": "d.l"},
        },
        client,
    )  # fmt: skip
    assert items == [{"value": 1}, {"a": 2}, {"value": 3}]
    assert urls(client) == [f"http://a.test/?q=x+y&offset={number}" for number in (0, 2, 4)]


@pytest.mark.parametrize("end", [{}, {"next": None}, {"next": ""}, {"next": False}])
def test_a_cursor_is_sent_back_until_there_is_none(end: dict[str, Json]) -> None:
    client = ScriptedClient(
        [
            answer({"rows": [{"n": 1}], "next": "a/b="}),
            answer({"rows": [{"n": 2}], "next": 7}),
            answer({"rows": [], **end}),
        ]
    )
    items = scripted(
        {
            "url": "http://a.test/?x=1",
            "pagination": {"mode": "cursor", "cursor_path": "next", "items_path": "rows"},
        },
        client,
    )
    assert items == [{"n": 1}, {"n": 2}]
    assert urls(client) == [
        "http://a.test/?x=1",
        "http://a.test/?x=1&cursor=a%2Fb%3D",
        "http://a.test/?x=1&cursor=7",
    ]


def test_it_stops_at_the_most_pages_and_says_so() -> None:
    async def scenario() -> None:
        client = ScriptedClient(always=answer([1]))
        items, context = await run_async(
            {
                "url": "http://a.test/",
                "pagination": {"mode": "page", "items_path": "", "max_pages": 3},
            },
            [{}],
            client,
        )
        assert len(items) == len(client.requests) == 3
        assert ["max_pages" in line for line in context.lines] == [True]

    asyncio.run(scenario())


def test_every_page_has_a_key_of_its_own_and_the_same_headers_and_body() -> None:
    client = ScriptedClient([answer({"next": "x"}), answer({})])
    scripted(
        {
            "method": "POST",
            "url": "http://a.test/",
            "headers": {"X-A": "1"},
            "body": {"q": 1},
            "pagination": {"mode": "cursor", "cursor_path": "next"},
        },
        client,
    )
    assert [request.headers["Idempotency-Key"] for request in client.requests] == [
        "execution/node/1",
        "execution/node/1:page-2",
    ]
    assert [(r.method, r.headers["X-A"], r.body) for r in client.requests] == [
        ("POST", "1", b'{"q":1}')
    ] * 2


def test_a_page_that_leads_to_itself_is_an_error_and_not_a_loop() -> None:
    for paging, first in (
        ({"mode": "next_url"}, linked("/o/?p=1")),
        ({"mode": "cursor", "cursor_path": "next"}, answer({"next": "same"})),
    ):
        error = scripted_error(
            {"url": "http://a.test/o/?p=1", "pagination": paging}, ScriptedClient(always=first)
        )
        assert error.kind == "pagination"


@pytest.mark.parametrize("body", [{}, {"d": "text"}, {"d": {"a": 1}}, "text"])
def test_a_page_without_its_list_is_an_error_that_names_the_path(body: Json) -> None:
    error = scripted_error(
        {"url": "http://a.test/", "pagination": {"mode": "page", "items_path": "d"}},
        ScriptedClient([answer(body)]),
    )
    assert error.kind == "pagination"
    assert "'d'" in error.message
    assert "items_path" in error.message


@pytest.mark.parametrize(
    "host", ["http://evil.test", "https://a.test", "http://a.test:8080", "//e"]
)
def test_a_page_at_another_origin_gets_nothing_of_the_request(host: str) -> None:
    client = ScriptedClient([linked("/2", host=host)])
    error = scripted_error(
        {
            "url": "http://a.test/o/?p=1",
            "headers": {"Authorization": "mine"},
            "pagination": {"mode": "next_url"},
        },
        client,
        secret={"type": "http_bearer", "token": "s3cret", "allowed_hosts": "a.test:80"},
    )
    assert error.kind == "pagination"
    assert len(client.requests) == 1


def test_a_page_at_another_host_that_the_credential_names_is_followed() -> None:
    client = ScriptedClient([linked("/2", host="http://b.test"), answer([2])])
    scripted(
        {"url": "http://a.test/", "pagination": {"mode": "next_url"}},
        client,
        secret={"type": "http_bearer", "token": "s", "allowed_hosts": "a.test, b.test"},
    )
    assert urls(client) == ["http://a.test/", "http://b.test/2"]


def test_no_page_leads_from_https_to_http() -> None:
    client = ScriptedClient([linked("/2", host="http://a.test")])
    error = scripted_error(
        {"url": "https://a.test/o/?p=1", "pagination": {"mode": "next_url"}},
        client,
        secret={"type": "http_bearer", "token": "s3cret", "allowed_hosts": "a.test"},
    )
    assert error.kind == "pagination"
    assert len(client.requests) == 1


def test_a_query_secret_that_comes_back_in_the_link_is_not_doubled() -> None:
    def paged(request: HttpRequest) -> HttpResponse:
        return linked("/o/?p=2&key=s") if "p=1" in request.url else answer([2])

    client = ScriptedClient(always=paged)
    scripted(
        {"url": "http://a.test/o/?p=1", "pagination": {"mode": "next_url"}},
        client,
        secret={"type": "http_query", "name": "key", "value": "s"},
    )
    assert urls(client) == ["http://a.test/o/?p=1&key=s", "http://a.test/o/?p=2&key=s"]
