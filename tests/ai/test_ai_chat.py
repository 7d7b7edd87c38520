"""The node ``ai_chat``, served alone, against a service that is really asked over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from functools import partial
from typing import Any

import pytest

from functions.alone import Call, Loan, NodeFailed, call_node
from functions.nodes.ai.ai_chat import node
from layers.artifacts import StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.catalogue import node_type
from layers.contract import (
    LANGUAGE_MODEL,
    ModelMessage,
    ModelRequest,
    ModelService,
    NodeError,
)
from layers.engine.step.capabilities import Capabilities
from layers.engine.step.model import StepLanguageModel
from layers.language_models import LanguageModels
from layers.language_models.chat_completions import chat_request, most_input_tokens
from layers.outbound import AddressPolicy, OutboundClient
from layers.registry import installed
from layers.settings import LanguageModelSettings
from tests.ai.chat_service import ChatService, completion

KEY = "sk-of-this-instance"
HERE = {"model": "small", "prompt": "{{ item.text }}"}
ITEMS: list[dict[str, Any]] = [{"text": "one two"}, {"text": "three"}, {"text": "four"}]


def given(
    params: dict[str, Any],
    chat: ChatService,
    items: list[dict[str, Any]] | None = None,
    *,
    enabled: bool = True,
    credential: dict[str, Any] | None = None,
    allowed: tuple[str, ...] = (),
) -> dict[str, Any]:
    """What the node gives. Only the instance's own service may be at a private address."""

    async def scenario() -> dict[str, Any]:
        settings = LanguageModelSettings(chat.base_url, KEY, enabled=enabled)
        http = OutboundClient(AddressPolicy(allowed))
        own = OutboundClient(AddressPolicy((settings.address,)))
        models = LanguageModels(settings, http, own)
        files = StoredFiles(MemoryStore(), "alone")
        capabilities = Capabilities()
        capabilities.lend(LANGUAGE_MODEL, partial(StepLanguageModel, models))
        call = Call(params=params, items=items or ITEMS, credential=credential)
        types = installed().credentials
        try:
            return await call_node(
                node_type(node),
                call,
                Loan(http, files, None, capabilities, credential_types=types),  # type: ignore[arg-type]
            )
        finally:
            await http.close()
            await models.close()

    return asyncio.run(scenario())


def failed(params: dict[str, Any], chat: ChatService, **more: Any) -> NodeError:
    """The error that the node ends with."""
    with pytest.raises(NodeFailed) as caught:
        given(params, chat, **more)
    assert isinstance(caught.value.__cause__, NodeError)
    return caught.value.__cause__


def own(chat: ChatService) -> dict[str, Any]:
    """The same service, as one of the author's own."""
    return {
        "credential": {
            "type": "http_bearer",
            "token": "sk-of-an-author",
            "allowed_hosts": ["127.0.0.1"],
        },
        "allowed": (f"127.0.0.1:{chat.port}",),
    }


def test_each_item_is_asked_about_and_comes_back_in_order(chat: ChatService) -> None:
    made = given({**HERE, "concurrency": 3}, chat)
    assert made["outputs"]["main"] == [
        {"text": "one two", "answer": "owt eno"},
        {"text": "three", "answer": "eerht"},
        {"text": "four", "answer": "ruof"},
    ]
    assert max(one["text"] for one in made["logs"]) == ("small-2026: 10 tokens in, 2 out.")
    headers = [headers for headers, _ in chat.asked]
    assert {one["authorization"] for one in headers} == {f"Bearer {KEY}"}
    assert len({one["idempotency-key"] for one in headers}) == 3


def test_the_conversation_is_sent_as_it_was_written(chat: ChatService) -> None:
    params = {
        **HERE,
        "system": "Be short.",
        "history": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "{{ item.text }}"},
        ],
        "temperature": 0.5,
        "max_output_tokens": 7,
    }
    given(params, chat, [{"text": "Yes?"}])
    assert chat.bodies == [
        {
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": "Hello"},
                {"role": "assistant", "content": "Yes?"},
                {"role": "user", "content": "Yes?"},
            ],
            "max_tokens": 7,
            "temperature": 0.5,
        }
    ]


def test_the_answer_and_its_usage_go_where_they_are_wanted(chat: ChatService) -> None:
    params = {**HERE, "into": "reply", "usage_into": "usage"}
    (item,) = given(params, chat, [{"text": "one two"}])["outputs"]["main"]
    assert item == {
        "text": "one two",
        "reply": "owt eno",
        "usage": {
            "model": "small-2026",
            "input_tokens": 10,
            "output_tokens": 2,
            "cost_usd": None,
            "finish_reason": "stop",
        },
    }


def test_an_answer_can_be_read_as_json(chat: ChatService) -> None:
    chat.reply = lambda body: (200, {}, _saying(body, '{"language": "German"}'))
    params = {**HERE, "output": "json"}
    (item,) = given(params, chat, [{"text": "x"}])["outputs"]["main"]
    assert item["answer"] == {"language": "German"}
    assert chat.bodies[0]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"a": NaN}', '{"a": ', '{"n": 1e400}'])
def test_what_is_no_json_object_is_an_error(chat: ChatService, text: str) -> None:
    chat.reply = lambda body: (200, {}, _saying(body, text))
    error = failed({**HERE, "output": "json"}, chat)
    assert error.kind == "invalid_answer"
    assert "as text" in error.message


def test_an_answer_that_was_cut_off_says_so(chat: ChatService) -> None:
    chat.reply = lambda body: (200, {}, _saying(body, '{"a": ', reason="length"))
    assert "max_output_tokens" in failed({**HERE, "output": "json"}, chat).message
    made = given(HERE, chat, [{"text": "x"}])
    assert any("cut off" in one["text"] for one in made["logs"])


def test_a_service_that_counts_nothing_is_estimated(chat: ChatService) -> None:
    chat.reply = lambda body: (200, {}, {**completion(body), "usage": None})
    made = given({**HERE, "usage_into": "usage"}, chat, [{"text": "x" * 40}])
    usage = made["outputs"]["main"][0]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (10, 10)
    assert "estimated" in made["logs"][0]["text"]


@pytest.mark.parametrize("tokens", [-5, True, "many", 1 << 60, 2.5, None])
def test_numbers_that_cannot_be_are_not_believed(chat: ChatService, tokens: Any) -> None:
    usage = {"prompt_tokens": tokens, "completion_tokens": tokens, "cost": tokens}
    chat.reply = lambda body: (200, {}, {**completion(body), "usage": usage})
    made = given({**HERE, "usage_into": "usage"}, chat, [{"text": "x" * 40}])
    usage = made["outputs"]["main"][0]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (10, 10)


def test_without_a_service_it_says_how_to_get_one(chat: ChatService) -> None:
    error = failed(HERE, chat, enabled=False)
    assert error.kind == "no_language_model"
    assert "TREADLE_LLM_API_KEY" in error.message
    assert chat.asked == []


def test_an_author_can_ask_a_service_of_his_own(chat: ChatService) -> None:
    params = {**HERE, "base_url": chat.base_url + "/"}
    given(params, chat, enabled=False, **own(chat))
    assert {headers["authorization"] for headers, _ in chat.asked} == {"Bearer sk-of-an-author"}


def test_authors_get_neither_the_instances_key_nor_private_addresses(chat: ChatService) -> None:
    """The administrator's service may be at a private address; what authors name may not."""
    error = failed({**HERE, "base_url": chat.base_url}, chat)
    assert error.kind == "refused_address"
    assert chat.asked == []
    given({**HERE, "base_url": chat.base_url}, chat, allowed=own(chat)["allowed"])
    assert all("authorization" not in headers for headers, _ in chat.asked)


def test_a_credential_goes_only_where_it_belongs(chat: ChatService) -> None:
    mine = own(chat)
    mine["credential"]["allowed_hosts"] = "api.openai.com"
    error = failed({**HERE, "base_url": chat.base_url}, chat, **mine)
    assert error.kind == "credential_host"
    assert chat.asked == []


def test_a_key_that_the_service_sends_back_stands_in_no_answer(chat: ChatService) -> None:
    encoded = base64.b64encode(b"Bearer sk-of-an-author").decode()

    def echo(body: Any) -> tuple[int, dict[str, str], Any]:
        said = {"content": f"You are sk-of-an-author, or {encoded}."}
        choice = {"message": said, "finish_reason": "sk-of-an-author"}
        return 200, {}, {"choices": [choice], "model": "of sk-of-an-author"}

    chat.reply = echo
    params = {**HERE, "base_url": chat.base_url, "usage_into": "usage"}
    made = given(params, chat, enabled=False, **own(chat))
    assert "You are" in repr(made)
    assert "sk-of-an-author" not in repr(made)
    assert encoded[10:20] not in repr(made)


@pytest.mark.parametrize(
    ("status", "code", "retried"),
    [
        (400, "", False),
        (401, "", False),
        (429, "", True),
        (429, "insufficient_quota", False),
        (503, "", True),
    ],
)
def test_errors_tell_what_the_service_said_and_no_key(
    chat: ChatService, status: int, code: str, retried: bool
) -> None:
    said = {"error": {"message": f"Wrong:\n {KEY} is not liked", "code": code}}
    chat.reply = lambda body: (status, {"Retry-After": "7"}, said)
    error = failed({**HERE, "concurrency": 1}, chat)
    assert error.message == f"127.0.0.1 answered {status}: Wrong: ••• is not liked"
    assert error.retry is retried
    assert error.retry_in == 7
    assert error.item_index == 0


def test_a_redirect_gets_no_key(chat: ChatService) -> None:
    chat.reply = lambda body: (307, {"Location": chat.base_url + "/chat/completions"}, b"")
    assert failed({**HERE, "concurrency": 1}, chat).kind == "http_status"
    assert len(chat.asked) == 1


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", {}, {"choices": []}, {"choices": [{"message": "x"}]}]
)
def test_what_is_no_completion_is_an_error(chat: ChatService, answer: Any) -> None:
    chat.reply = lambda body: (200, {}, answer)
    error = failed(HERE, chat)
    assert error.kind == "invalid_response"
    assert "base_url" in error.message


def test_a_refusal_is_an_error_in_the_models_words(chat: ChatService) -> None:
    message = {"role": "assistant", "content": None, "refusal": "I may not."}
    choice = {"message": message, "finish_reason": "content_filter"}
    chat.reply = lambda body: (200, {}, {"choices": [choice]})
    assert "I may not." in failed(HERE, chat).message


def test_openai_is_told_the_limit_by_its_new_name() -> None:
    request = ModelRequest("m", [ModelMessage("user", "é")], 5)
    for base_url, name in (
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://example.com/v1", "max_tokens"),
    ):
        sent = chat_request(ModelService(base_url), request, "key")
        assert sent.url == f"{base_url}/chat/completions"
        assert json.loads(sent.body or b"")[name] == 5
    assert most_input_tokens(request) >= 2


def _saying(body: dict[str, Any], text: str, reason: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {**completion(body), "choices": [{"message": message, "finish_reason": reason}]}
