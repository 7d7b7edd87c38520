"""Language models, bound to one attempt of one step: asked within limits, counted after."""

from __future__ import annotations

import asyncio

from layers.contract import ModelAnswer, ModelRequest, NodeError
from layers.engine.metering import AI_COST, AI_INPUT_TOKENS, AI_OUTPUT_TOKENS, AI_TOKENS
from layers.engine.ports import StepHost
from layers.language_models import LanguageModels
from layers.language_models.chat_completions import Completion, most_input_tokens


class StepLanguageModel:
    """Reserves the most that a call may use, asks, and settles what it used."""

    def __init__(self, models: LanguageModels, context: StepHost) -> None:
        self._models = models
        self._context = context

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Ask and wait for the whole answer; raises NodeError."""
        self._models.require(request)
        source = self._source(request)
        reserved: list[str] = []
        try:
            await self._reserve(request, source, reserved)
            key = self._context.item_key(request.item_index)
            completion = await self._models.complete(request, key)
        except BaseException:
            for name in reserved:
                await asyncio.shield(self._context.release(name))
            raise
        return await self._settled(request, source, completion, reserved)

    def _source(self, request: ModelRequest) -> str:
        """What names the usage of one item in one attempt, whoever runs it."""
        context = self._context
        return f"{context.idempotency_key}:{context.attempt}:ai:{request.item_index}"

    async def _reserve(self, request: ModelRequest, source: str, reserved: list[str]) -> None:
        """Keep room for the most that it may use, and write down what was kept."""
        context = self._context
        given, taken = request.most_output_tokens, most_input_tokens(request)
        seconds = request.timeout_s
        if await context.reserve(AI_TOKENS, source, taken + given, seconds):
            reserved.append(source)
        if not await context.is_bounded(AI_COST):
            return
        most = self._models.cost(request.model, taken, given)
        if most is None:
            raise NodeError(
                f"What {request.model!r} costs is not known here, and the cost of language models "
                "has a budget. Choose another model, or ask the administrator to add this one to "
                "the file of TREADLE_LLM_PRICES.",
                kind="unknown_price",
            )
        if await context.reserve(AI_COST, _cost_source(source), most, seconds):
            reserved.append(_cost_source(source))

    async def _settled(
        self, request: ModelRequest, source: str, completion: Completion, reserved: list[str]
    ) -> ModelAnswer:
        context, model = self._context, completion.model
        taken, given = completion.input_tokens, completion.output_tokens
        cost = self._models.cost_of(request, completion)
        # A completion takes one token at least, so that this settles what was reserved.
        context.used(AI_INPUT_TOKENS, source, taken, model)
        context.used(AI_OUTPUT_TOKENS, source, given, model)
        if cost:
            context.used(AI_COST, _cost_source(source), cost, model)
        elif _cost_source(source) in reserved:
            await context.release(_cost_source(source))
        told = " (estimated: the service did not say)" if completion.estimated else ""
        context.log(f"{model}: {taken} tokens in, {given} out{told}.")
        return ModelAnswer(
            text=completion.text,
            model=model,
            finish_reason=completion.finish_reason,
            input_tokens=taken,
            output_tokens=given,
            cost_usd=None if cost is None else cost / 1_000_000,
        )


def _cost_source(source: str) -> str:
    # A reservation is of one limit, so that the cost has one of its own.
    return f"{source}:cost"
