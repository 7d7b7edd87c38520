"""The wire of chat completions: https://platform.openai.com/docs/api-reference/chat/create."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from layers import jsontext
from layers.contract import HttpRequest, HttpResponse, ModelRequest, ModelService, NodeError
from layers.media.masking import Masker

MOST_ANSWER_BYTES = 32 * 1024 * 1024
# What services add to each message and to the conversation, with room to spare.
_TOKENS_A_MESSAGE, _TOKENS_A_CONVERSATION = 16, 64
_BYTES_A_TOKEN = 4
_RETRIED = {408, 409, 425, 429}
_EXCERPT = 300
_OPENAI_HOST = "api.openai.com"
# An answer that costs more is a mistake of the service's, and no number that can be counted.
_MOST_USD = 1_000_000


@dataclass(frozen=True)
class Completion:
    """A model's answer and what it took; ``estimated`` where the service did not say how much."""

    text: str
    model: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    estimated: bool


def most_input_tokens(request: ModelRequest) -> int:
    """More tokens than the conversation can have: none is shorter than a byte of UTF-8."""
    length = _bytes(*(one.content for one in request.messages))
    return length + len(request.messages) * _TOKENS_A_MESSAGE + _TOKENS_A_CONVERSATION


def chat_request(service: ModelService, request: ModelRequest, key: str) -> HttpRequest:
    """The request to send. It follows no redirect, which could carry the key elsewhere."""
    host = urlsplit(service.base_url).hostname
    # OpenAI's newer models refuse the old name; most other services know that one only.
    limit = "max_completion_tokens" if host == _OPENAI_HOST else "max_tokens"
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": one.role, "content": one.content} for one in request.messages],
        limit: request.most_output_tokens,
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.json:
        body["response_format"] = {"type": "json_object"}
    return HttpRequest(
        method="POST",
        url=f"{service.base_url.rstrip('/')}/chat/completions",
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": key,
            **service.headers,
        },
        body=_encoded(body),
        timeout_s=request.timeout_s,
        follow_redirects=0,
        max_response_bytes=MOST_ANSWER_BYTES,
    )


def read_completion(
    response: HttpResponse, service: ModelService, request: ModelRequest
) -> Completion:
    """Read the answer; raises NodeError, whose message tells what the service said.

    The service's secrets are blanked out of all of it.
    """
    host = urlsplit(service.base_url).hostname
    masker = _masker(service)
    if not 200 <= response.status < 300:
        raise _failure(response, service, str(host))
    try:
        answer = jsontext.loads(response.body)
        choice = answer["choices"][0]
        message = choice["message"]
        content, refusal = message.get("content"), message.get("refusal")
    except (jsontext.InvalidJson, LookupError, TypeError, AttributeError) as error:
        raise NodeError(
            f"{host} answered with something else than a chat completion. Look whether 'base_url' "
            "is the address of its API, such as https://api.openai.com/v1.",
            kind="invalid_response",
        ) from error
    if not isinstance(content, str):
        said = _shown(refusal, service) if isinstance(refusal, str) else "it answered nothing"
        raise NodeError(
            f"{request.model} gave no answer: {said}",
            kind="no_answer",
            detail={"finish_reason": masker.text(str(choice.get("finish_reason")))},
        )
    usage = answer.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    taken = _count(usage.get("prompt_tokens"))
    given = _count(usage.get("completion_tokens"))
    model = answer.get("model")
    return Completion(
        text=masker.text(content),
        model=masker.text(model)[:200] if isinstance(model, str) and model else request.model,
        finish_reason=masker.text(str(choice.get("finish_reason"))),
        input_tokens=taken or _estimate(*(one.content for one in request.messages)),
        output_tokens=_estimate(content) if given is None else given,
        cost_usd=_cost(usage.get("cost")),
        estimated=not taken or given is None,
    )


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return jsontext.dumps(body).encode()
    except jsontext.InvalidJson as error:
        message = f"The conversation cannot be sent: {error}"
        raise NodeError(message, kind="invalid_input") from error


def _failure(response: HttpResponse, service: ModelService, host: str) -> NodeError:
    status = response.status
    said, code = _explanation(response)
    line = _shown(said, service)
    after = response.headers.get("retry-after", "").strip()
    return NodeError(
        f"{host} answered {status}" + (f": {line}" if line else "."),
        kind="http_status",
        # OpenAI says 429 of an account without money, too, which no waiting mends.
        retry=(status in _RETRIED or status >= 500) and code != "insufficient_quota",
        retry_in=float(after) if after.isdecimal() and len(after) < 10 else None,
        detail={"status": status, "code": _masker(service).text(code)},
    )


def _explanation(response: HttpResponse) -> tuple[str, str]:
    """What the service says of an error, and its name for it."""
    try:
        error = jsontext.loads(response.body)["error"]
        if isinstance(error, str):
            return error, ""
        return str(error.get("message") or ""), str(error.get("code") or "")
    except (jsontext.InvalidJson, LookupError, TypeError, AttributeError):
        return response.body[: 4 * _EXCERPT].decode("utf-8", "replace"), ""


def _masker(service: ModelService) -> Masker:
    return Masker(service.secrets, "•••")


def _shown(text: str, service: ModelService) -> str:
    return " ".join(_masker(service).text(text).split())[:_EXCERPT]


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < 1 << 40 else None


def _cost(value: Any) -> float | None:
    """Dollars, which OpenRouter tells beside the tokens."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < _MOST_USD else None


def _estimate(*texts: str) -> int:
    return max(1, math.ceil(_bytes(*texts) / _BYTES_A_TOKEN))


def _bytes(*texts: str) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in texts)
