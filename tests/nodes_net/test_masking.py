"""No secret of a credential stands in what http_request gives, keeps, says or logs."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from layers.contract import HttpRequest, HttpResponse, Json, NodeError
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes_net.exchange import run_async

SECRET = 'Own/ers+Secret "9" ä&<4711>'
CREDENTIALS: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http_bearer", "token": SECRET},
    "basic": {"type": "http_basic", "username": "ada", "password": SECRET},
    "header": {"type": "http_header", "name": "X-Key", "value": SECRET},
    "scheme": {"type": "http_header", "name": "X-Key", "value": f"Token {SECRET}"},
    "query": {"type": "http_query", "name": "key", "value": SECRET},
    "oauth": {"type": "oauth2", "token": "fresh-token-1234", "former_tokens": [SECRET]},
}
SPELLINGS: dict[str, str] = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "json": json.dumps(SECRET)[1:-1],
    "json utf-8": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "url base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "pair": base64.b64encode(f"ada:{SECRET}".encode()).decode(),
    "other pair": base64.b64encode(f"someone:{SECRET}:x".encode()).decode(),
}


def everything(
    reply: Callable[[HttpRequest], HttpResponse],
    params: Mapping[str, Json],
    secret: Mapping[str, Any],
) -> str:
    """All that a step leaves behind, error, logs and files among it, as one text."""

    async def scenario() -> str:
        context: Any = None
        try:
            items, context = await run_async(
                {"url": "http://a.test/p", **params}, [{}], ScriptedClient(always=reply), secret
            )
        except NodeError as error:
            return repr((error.message, error.args, error.detail))
        left: list[Any] = [dict(item) for item in items] + context.lines
        for item in items:
            for file in item.files:
                content = await context.files.read(file)
                left.append((file.name, file.media_type, content.decode("utf-8", "replace")))
        return json.dumps(left, ensure_ascii=False)

    return asyncio.run(scenario())


def hidden(text: str) -> bool:
    """Whether neither the secret nor one of its spellings stands in a text."""
    return not any(part.rstrip("=") in text for part in (*SPELLINGS.values(), "Secret", "%2Fers"))


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_echoed_secret_is_blanked_wherever_it_stands(credential: str, spelling: str) -> None:
    form = SPELLINGS[spelling]
    places: dict[str, tuple[Callable[[HttpRequest], HttpResponse], dict[str, Json]]] = {
        "value": (lambda _: answer({"deep": [{"you sent": f"Bearer {form}!"}]}), {}),
        "name": (lambda _: answer({form: {f"x{form}": 1}}), {}),
        "text": (lambda _: answer(f"<p>{form}</p>", headers={"Content-Type": "text/html"}), {}),
        "header": (lambda _: answer("", headers={"X-Echo": form, f"X-{form}": "1"}), {}),
        "file": (
            lambda _: answer(
                b"\xff\x00" + form.encode() + b"\x00", headers={"Content-Type": "image/png"}
            ),
            {},
        ),
        "binary": (lambda _: answer(form.encode()), {"response": "binary"}),
        "cookie": (
            lambda _: HttpResponse(
                200, {"set-cookie": f"k={form}"}, b"", "http://a.test/", (f"k={form}",)
            ),
            {},
        ),
        "error": (lambda _: answer({"error": f"bad key {form}"}, 401), {}),
        "wrong json": (lambda _: answer(f"[{form}"), {"response": "json"}),
        "page": (
            lambda _: answer({"rows": [{"a": form}, form]}),
            {"pagination": {"mode": "next_url", "items_path": "rows"}},
        ),
    }
    for place, (reply, params) in places.items():
        left = everything(reply, params, CREDENTIALS[credential])
        assert hidden(left), f"{place}: {left}"


def test_a_file_is_not_called_by_a_secret() -> None:
    named = f"attachment; filename*=UTF-8''{quote(SECRET, safe='')}.txt"
    for headers in ({"Content-Disposition": named}, {"Content-Type": f"x/{SECRET}"}):
        left = everything(
            lambda _, headers=headers: answer(b"\xff", headers=headers),  # type: ignore[misc]
            {"response": "binary"},
            CREDENTIALS["bearer"],
        )
        assert hidden(left), left


def test_a_secret_at_the_edge_of_what_an_error_shows_is_not_cut_in_two() -> None:
    for filler in range(2030, 2050):
        left = everything(
            lambda _, filler=filler: answer("x" * filler + SECRET, 401),  # type: ignore[misc]
            {},
            CREDENTIALS["bearer"],
        )
        assert "Own" not in left


def test_a_number_that_is_the_secret_becomes_a_text() -> None:
    secret = {"type": "http_query", "name": "pin", "value": "471100815"}
    left = everything(lambda _: answer({"pin": 471100815, "n": [1, 2.5, None, True]}), {}, secret)
    assert "471100815" not in left
    assert '"n": [1, 2.5, null, true]' in left


def test_a_file_without_secrets_keeps_its_length_across_pieces() -> None:
    size = 1024 * 1024
    content = b"a" * (size - 5) + SECRET.encode() + b"b" * 10

    async def scenario() -> None:
        [item], context = await run_async(
            {"url": "http://a.test/", "response": "binary"},
            [{}],
            ScriptedClient([answer(content)]),
            CREDENTIALS["bearer"],
        )
        kept = await context.files.read(item.files[0])
        stars = b"*" * len(SECRET.encode())
        assert kept == b"a" * (size - 5) + stars + b"b" * 10

    asyncio.run(scenario())


def test_the_next_page_is_asked_for_with_what_the_answer_said() -> None:
    client = ScriptedClient(
        [
            answer({"next": f"http://a.test/p?key={quote(SECRET, safe='')}&page=2"}),
            answer({"next": None}),
        ]
    )
    params = {"url": "http://a.test/p", "pagination": {"mode": "next_url", "next_path": "next"}}

    async def scenario() -> None:
        items, _ = await run_async(params, [{}], client, CREDENTIALS["query"])
        assert hidden(json.dumps([dict(item) for item in items], ensure_ascii=False))
        assert client.requests[1].url == f"http://a.test/p?page=2&key={quote_plus(SECRET)}"

    asyncio.run(scenario())


def test_what_comes_back_without_secrets_stays_as_it_is() -> None:
    body = {"b": [1, {"c": "Secret"}], "a": {"": "•"}, "deep": json.loads("[" * 900 + "]" * 900)}

    async def scenario() -> None:
        [item], _ = await run_async(
            {"url": "http://a.test/"}, [{}], ScriptedClient([answer(body)]), CREDENTIALS["bearer"]
        )
        assert list(item["body"]) == ["b", "a", "deep"]
        assert item["body"]["b"] == [1, {"c": "Secret"}]

    asyncio.run(scenario())
