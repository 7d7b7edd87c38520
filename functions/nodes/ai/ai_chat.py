"""The node ``ai_chat``: asks a language model, once for each item."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from layers.contract import (
    LANGUAGE_MODEL,
    Context,
    Effect,
    HttpRequest,
    HttpResponse,
    Item,
    Json,
    ModelAnswer,
    ModelMessage,
    ModelRequest,
    ModelService,
    Node,
    NodeError,
    Option,
    OptionContext,
    OptionPage,
    OptionQuery,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
    only,
    page_of,
)
from layers.credentials.authentication import authentication
from layers.jsontext import InvalidJson
from layers.media import json_text

OPENAI = "https://api.openai.com/v1"
CREDENTIALS = ("http_bearer", "http_header")
"""Most services take the key as a bearer token, Azure's in a header of its own."""

ROLES = ("system", "user", "assistant")


def _is_message(value: dict[str, str]) -> dict[str, str]:
    if set(value) != {"role", "content"} or value["role"] not in ROLES:
        raise ValueError(
            "An earlier message has a 'role' (system, user or assistant) and a 'content'."
        )
    return value


Message = Annotated[dict[str, str], AfterValidator(_is_message)]
"""An earlier message of the conversation."""


class AiChatParams(Params):
    """What to ask whom, and what to do with the answer."""

    model: Template[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Parameter(
        title="Model",
        description="The model's name, as its service calls it.",
        examples=["gpt-4o-mini"],
        options="models",
        depends_on=["base_url"],
    )
    prompt: Template[Annotated[str, StringConstraints(min_length=1)]] = Parameter(
        title="Prompt",
        description="What the model is asked.",
        examples=["Summarise in one sentence: {{ item.text }}"],
        widget=Widget.TEXTAREA,
    )
    system: Template[str] = Parameter(
        default="",
        validate_default=True,
        title="Instructions",
        description="How it should answer, whatever it is asked (the system message).",
        examples=["You answer in German, without greeting."],
        widget=Widget.TEXTAREA,
    )
    history: Template[list[Message]] = Parameter(
        default=[],
        validate_default=True,
        title="Earlier messages",
        description=(
            "What was said before the prompt: a list of objects with a role (user, assistant or "
            "system) and a content."
        ),
        examples=[[{"role": "user", "content": "Hello"}]],
    )
    output: Literal["text", "json"] = Parameter(
        default="text",
        title="Answer as",
        description=(
            "text, or json: the answer is read as a JSON object. Say in the prompt which fields "
            "it should have."
        ),
    )
    into: str = Parameter(
        default="answer",
        min_length=1,
        max_length=200,
        title="Into the field",
        description="The field of the item that gets the answer.",
    )
    usage_into: str = Parameter(
        default="",
        max_length=200,
        title="Usage into the field",
        description="Also gives model, tokens and cost, in this field; empty for not.",
        examples=["usage"],
    )
    max_output_tokens: Template[Annotated[int, Field(ge=1, le=1_000_000)]] = Parameter(
        default=1024,
        validate_default=True,
        title="Longest answer (tokens)",
        description="Where it is cut off. So much is kept free in the plan and in budgets.",
    )
    temperature: Template[Annotated[float, Field(ge=0, le=2)] | None] = Parameter(
        default=None,
        validate_default=True,
        title="Temperature",
        description="From 0 (always alike) to 2; null for the model's own.",
    )
    base_url: str = Parameter(
        default="",
        max_length=2000,
        title="Address of the service",
        description=(
            "Any service with OpenAI's chat completions API. Empty: OpenAI where a credential is "
            "chosen, else the service of this instance."
        ),
        examples=[OPENAI],
    )
    timeout_s: Template[Annotated[float, Field(gt=0, le=900)]] = Parameter(
        default=120,
        validate_default=True,
        title="Time limit (s)",
        description="For one answer, up to 900 seconds.",
    )
    concurrency: int = Parameter(
        default=3,
        ge=1,
        le=20,
        title="At once",
        description="How many items may be asked about at the same time; the order stays.",
    )


async def run_item(params: AiChatParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Ask about one item and give it back with the answer in a field."""
    request = _request(params, index, ctx, await _service(params, ctx))
    return only([_answered(params, item, await ctx.use(LANGUAGE_MODEL).ask(request), ctx)])


async def _service(params: AiChatParams, ctx: Context) -> ModelService | None:
    """The author's own service, or None for the instance's."""
    auth = await authentication(ctx, CREDENTIALS)
    if not params.base_url and not auth.secrets:
        return None
    base_url = params.base_url or OPENAI
    auth.require_host(base_url)
    return ModelService(base_url, auth.headers, auth.secrets)


async def list_models(asked: OptionQuery, ctx: OptionContext) -> OptionPage:
    """The models of the service that would be asked, as it lists them itself."""
    auth = await authentication(ctx, CREDENTIALS)
    base_url = asked.text("base_url", "") or OPENAI
    if not asked.params.get("base_url") and not auth.secrets:
        answer = await ctx.ask_own_model_service("models")
    else:
        url = f"{base_url.rstrip('/')}/models"
        request = HttpRequest("GET", url, timeout_s=20, max_response_bytes=4_000_000)
        answer = await ctx.http.send(auth.signed(request, ctx.now))
    return page_of([Option(name, name) for name in _model_names(answer)], asked)


def _model_names(answer: HttpResponse) -> list[str]:
    try:
        found: Any = json_text.read(answer.body) if answer.status == 200 else None
        return sorted(str(one["id"]) for one in found["data"])
    except (InvalidJson, KeyError, TypeError) as error:
        raise NodeError(
            f"The service answered {answer.status}, and not with a list of its models. Enter the"
            " model's name instead.",
            kind="options",
            retry=answer.status >= 500,
        ) from error


def _request(
    params: AiChatParams, index: int, ctx: Context, service: ModelService | None
) -> ModelRequest:
    evaluate = ctx.evaluate
    system = evaluate(params.system, index)
    earlier = [ModelMessage(one["role"], one["content"]) for one in evaluate(params.history, index)]
    return ModelRequest(
        model=evaluate(params.model, index),
        messages=[
            *([ModelMessage("system", system)] if system else []),
            *earlier,
            ModelMessage("user", evaluate(params.prompt, index)),
        ],
        most_output_tokens=evaluate(params.max_output_tokens, index),
        temperature=evaluate(params.temperature, index),
        json=params.output == "json",
        timeout_s=evaluate(params.timeout_s, index),
        item_index=index,
        service=service,
    )


def _answered(params: AiChatParams, item: Item, answer: ModelAnswer, ctx: Context) -> Item:
    was_cut = answer.finish_reason == "length"
    if was_cut:
        ctx.log("The answer was cut off at its longest; see 'max_output_tokens'.")
    made = item.derive(item)
    made[params.into] = _object(answer, was_cut=was_cut) if params.output == "json" else answer.text
    if params.usage_into:
        made[params.usage_into] = {
            "model": answer.model,
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "cost_usd": answer.cost_usd,
            "finish_reason": answer.finish_reason,
        }
    return made


def _object(answer: ModelAnswer, *, was_cut: bool) -> dict[str, Json]:
    try:
        found: Any = json_text.read(answer.text)
    except InvalidJson:
        found = None
    if isinstance(found, dict):
        return found
    remedy = (
        "It was cut off: allow a longer one ('max_output_tokens')."
        if was_cut
        else "Ask for JSON in the prompt, or take the answer as text."
    )
    raise NodeError(
        f"The answer of {answer.model} is no JSON object. {remedy}",
        kind="invalid_answer",
        detail={"answer": answer.text[:2000]},
    )


node = Node(
    type="ai_chat",
    title="AI chat",
    category="AI",
    summary="Asks a language model about each item, within the plan's tokens and your budgets.",
    icon="sparkles",
    params=AiChatParams,
    run_item=run_item,
    at_once=lambda params: params.concurrency,
    effect=Effect.KEYED,
    credential_types=CREDENTIALS,
    options={"models": list_models},
    sample=Sample(
        params={
            "model": "gpt-4o-mini",
            "prompt": "Which language is this? {{ item.text }}",
        },
        items=[{"text": "Guten Morgen"}],
        alone=False,
    ),
)
