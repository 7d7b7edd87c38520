"""The scripted client that other rooms' tests use."""

from __future__ import annotations

import asyncio

import pytest

from layers.contract import HttpRequest, HttpResponse, NodeError
from layers.outbound.memory import ScriptedClient, answer


def send(client: ScriptedClient, url: str = "http://a.test/") -> HttpResponse:
    return asyncio.run(client.send(HttpRequest("GET", url)))


def test_answers_come_in_their_order_and_requests_are_kept() -> None:
    client = ScriptedClient(
        [answer({"n": 1}), NodeError("no", retry=True), lambda request: answer(request.url)],
        always=answer(status=503),
    )
    assert send(client).body == b'{"n": 1}'
    with pytest.raises(NodeError, match="no"):
        send(client)
    assert send(client, "http://b.test/").body == b"http://b.test/"
    assert [send(client).status, send(client).status] == [503, 503]
    assert [request.url for request in client.requests][:3] == [
        "http://a.test/",
        "http://a.test/",
        "http://b.test/",
    ]


def test_a_request_that_nobody_scripted_is_a_loud_failure() -> None:
    with pytest.raises(AssertionError, match=r"GET http://a\.test/"):
        send(ScriptedClient())
