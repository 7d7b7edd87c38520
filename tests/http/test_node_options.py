"""What a form's lists show, and what they say where there can be none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.contract import Option, OptionQuery, page_of
from layers.settings import Settings
from tests.ai.chat_service import ChatService, serving_chat
from tests.asgi_client import Answer, Client
from tests.conftest import Person

API = "/api/v1"
MODELS = f"{API}/node-types/ai_chat/options/models"
WORKFLOWS = f"{API}/node-types/execute_workflow/options/workflows"
SECRET = "0123456789abcdef"


@pytest.fixture
def chat() -> Iterator[ChatService]:
    with serving_chat() as service:
        yield service


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings) -> Parts:
    network = replace(settings.network, allow_private=("127.0.0.1",))
    return make_parts(settings=replace(settings, network=network))


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


def ask(person: Person, path: str, **body: Any) -> Answer:
    return person.browser.post(path, json=body)


def key(person: Person, secret: str = SECRET, hosts: tuple[str, ...] = ("127.0.0.1",)) -> str:
    body = {"name": "Key", "type": "http_bearer", "data": {"token": secret}}
    made = person.browser.post(f"{API}/credentials", json={**body, "allowed_hosts": [*hosts]})
    return str(made.json()["id"])


def test_workflows_are_found_by_a_part_of_their_name_in_pages(ada: Person) -> None:
    for number in range(52):
        workflow = {"name": f"Order {number}", "nodes": [{"id": "a", "type": "manual"}]}
        assert ada.browser.post(f"{API}/workflows", json=workflow).status == 201
    first = ask(ada, WORKFLOWS, query="order").json()
    assert [one["label"] for one in first["items"][:2]] == ["Order 51", "Order 50"]
    assert first["items"][0]["value"] == first["items"][0]["detail"]
    second = ask(ada, WORKFLOWS, query="order", cursor=first["next_cursor"]).json()
    assert [one["label"] for one in second["items"]] == ["Order 1", "Order 0"]
    assert second["next_cursor"] is None
    assert ask(ada, WORKFLOWS, query="nothing is called so").json()["items"] == []
    assert ask(ada, WORKFLOWS, cursor="%").json()["errors"][0]["pointer"] == "/cursor"


def test_models_are_asked_of_the_service_that_the_form_names(
    ada: Person, chat: ChatService
) -> None:
    given = {"params": {"base_url": chat.base_url}, "credentials": {"account": key(ada)}}
    found = ask(ada, MODELS, **given)
    assert found.status == 200, found.text
    assert [one["value"] for one in found.json()["items"]] == ["large", "small"]
    searched = ask(ada, MODELS, **given, query="sma").json()
    assert [one["label"] for one in searched["items"]] == ["small"]
    assert chat.asked[-1][0]["authorization"] == f"Bearer {SECRET}"


def test_nothing_of_another_workspace_is_listed_nor_asked_with(
    ada: Person, sign_up: Callable[..., Person], chat: ChatService
) -> None:
    eve = sign_up()
    workflow = {"name": "Secret plans", "nodes": [{"id": "a", "type": "manual"}]}
    assert ada.browser.post(f"{API}/workflows", json=workflow).status == 201
    assert ask(eve, WORKFLOWS).json()["items"] == []
    given = {"params": {"base_url": chat.base_url}, "credentials": {"account": key(ada)}}
    refused = ask(eve, MODELS, **given)
    assert refused.status == 422
    assert refused.json()["errors"][0]["pointer"] == "/credentials/account"
    assert chat.asked == []


def test_a_key_that_the_service_sends_back_is_not_shown(ada: Person, chat: ChatService) -> None:
    chat.models = [f"echo-{SECRET}"]
    given = {"params": {"base_url": chat.base_url}, "credentials": {"account": key(ada)}}
    found = ask(ada, MODELS, **given)
    assert found.status == 200, found.text
    assert SECRET not in found.text


def test_what_stands_in_the_way_is_pointed_at(ada: Person, chat: ChatService) -> None:
    elsewhere = key(ada, hosts=("api.example.com",))
    given = {"params": {"base_url": chat.base_url}, "credentials": {"account": elsewhere}}
    refused = ask(ada, MODELS, **given)
    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/credentials/account"
    assert "add '127.0.0.1' to its allowed hosts" in error["message"]
    unknown = ask(ada, MODELS, params={"base_url": "https://{{ vars.host }}"})
    (error,) = unknown.json()["errors"]
    assert error["pointer"] == "/params/base_url"
    assert "expression" in error["message"]
    gone = ask(ada, MODELS, credentials={"account": "01890a5d-ac96-774b-bcce-b302099a8057"})
    assert gone.json()["errors"][0]["pointer"] == "/credentials/account"


def test_there_is_no_list_that_nobody_declares(ada: Person) -> None:
    assert ask(ada, f"{API}/node-types/ai_chat/options/nothing").status == 404
    assert ask(ada, f"{API}/node-types/nothing/options/models").status == 404


def test_every_list_that_a_parameter_names_is_declared(parts: Parts) -> None:
    def named(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            if isinstance(schema.get("x-options"), str):
                yield schema["x-options"]
            for part in schema.values():
                yield from named(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from named(part)

    declared = [*parts.registry.nodes.values(), *parts.registry.triggers.values()]
    for kind in declared:
        assert {*named(kind.params.model_json_schema())} == {*kind.options}, kind.type


def test_a_list_that_is_known_whole_is_searched_and_cut_into_pages() -> None:
    known = [Option(f"Zone {n}", n, "Europe" if n % 2 else "Asia") for n in range(120)]
    first = page_of(known, OptionQuery())
    assert (len(first.items), first.next_cursor) == (50, "50")
    last = page_of(known, OptionQuery(cursor="100"))
    assert (len(last.items), last.next_cursor) == (20, None)
    assert len(page_of(known, OptionQuery(query="EUROPE", cursor="50")).items) == 10
    assert page_of(known, OptionQuery(cursor="nonsense")).items[0].value == 0
