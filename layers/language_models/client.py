"""Asks the instance's service or one of the author's own, whole answers at a time."""

from __future__ import annotations

import math
from decimal import Decimal

from layers.contract import (
    HttpClient,
    HttpRequest,
    HttpResponse,
    ModelRequest,
    ModelService,
    NodeError,
)
from layers.language_models.chat_completions import Completion, chat_request, read_completion
from layers.settings.language_models import LanguageModelSettings

_MICRO = Decimal(1_000_000)


class LanguageModels:
    """``http`` reaches services that authors name; ``own_http`` the instance's, also a private one.

    That one is another client because the administrator's address may be private, and what
    authors name may not lead there.
    """

    def __init__(
        self, settings: LanguageModelSettings, http: HttpClient, own_http: HttpClient
    ) -> None:
        self._settings = settings
        self._http = http
        self._own_http = own_http

    async def complete(self, request: ModelRequest, idempotency_key: str) -> Completion:
        """Ask and read the answer; raises NodeError (``http_status``, ``invalid_response``, …)."""
        service = request.service or self._own_service()
        http = self._own_http if request.service is None else self._http
        response = await http.send(chat_request(service, request, idempotency_key))
        return read_completion(response, service, request)

    async def ask(self, path: str) -> HttpResponse:
        """GET below the address of the instance's own service; raises NodeError without one."""
        service = self._own_service()
        url = f"{service.base_url.rstrip('/')}/{path}"
        return await self._own_http.send(HttpRequest("GET", url, headers=service.headers))

    def require(self, request: ModelRequest) -> None:
        """Raise NodeError where nobody could be asked, before room is kept for it."""
        if request.service is None:
            self._own_service()

    def cost(self, model: str, input_tokens: int, output_tokens: int) -> int | None:
        """Micro-dollars (1 000 000 are one dollar), rounded up; None for an unknown price."""
        price = self._settings.prices.get(model)
        if price is None:
            return None
        # A price for a million tokens is one in micro-dollars for a token.
        return math.ceil(price.input * input_tokens + price.output * output_tokens)

    def cost_of(self, request: ModelRequest, completion: Completion) -> int | None:
        """Micro-dollars as the service says, or by the prices that are known here."""
        if completion.cost_usd is not None:
            return math.ceil(Decimal(str(completion.cost_usd)) * _MICRO)
        for name in (request.model, completion.model):
            cost = self.cost(name, completion.input_tokens, completion.output_tokens)
            if cost is not None:
                return cost
        return None

    async def close(self) -> None:
        """Close the connections to the instance's own service."""
        close = getattr(self._own_http, "close", None)
        if close is not None:
            await close()

    def _own_service(self) -> ModelService:
        settings = self._settings
        if not settings.enabled:
            raise NodeError(
                "This instance has no language model service of its own. Give the node a "
                "credential (and 'base_url', where it is not OpenAI's), or ask the administrator "
                "to set TREADLE_LLM_API_KEY.",
                kind="no_language_model",
            )
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        secrets = (settings.key,) if settings.key else ()
        return ModelService(settings.base_url, headers, secrets)
