"""Questions to language models, which the engine asks so that they are counted and paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from layers.contract.capability import Capability


@dataclass(frozen=True)
class ModelMessage:
    """One message of a conversation."""

    role: str
    """``system`` (instructions), ``user`` or ``assistant``."""
    content: str


@dataclass(frozen=True)
class ModelService:
    """A service of the author's own with OpenAI's chat completions API.

    ``headers`` prove who asks; ``secrets`` are blanked out wherever the service echoes them.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True)
class ModelRequest:
    """A conversation to go on with. ``service`` None stands for the instance's own.

    ``most_output_tokens`` bounds the answer; ``json`` asks for a JSON object; ``item_index`` is
    the item that it is about, which no other request of the same attempt may be about.
    """

    model: str
    messages: Sequence[ModelMessage]
    most_output_tokens: int
    temperature: float | None = None
    json: bool = False
    timeout_s: float = 60.0
    item_index: int = 0
    service: ModelService | None = None


@dataclass(frozen=True)
class ModelAnswer:
    """What a model said. ``cost_usd`` is None where nobody knows its price.

    ``finish_reason`` is the service's word: ``stop``, or ``length`` for an answer that was cut off.
    """

    text: str
    model: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class LanguageModel(Protocol):
    """Asks language models, within the limits of the plan and the budgets of the workflow."""

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Ask and wait for the whole answer; raises NodeError.

        Its kinds are those of HttpClient, ``http_status``, ``invalid_response``,
        ``no_language_model`` where the instance has none, and, before anything is sent,
        ``limit_reached``, ``budget_reached`` or ``unknown_price``.
        """
        ...


LANGUAGE_MODEL: Capability[LanguageModel] = Capability("language models")
"""Language models: ``ctx.use(LANGUAGE_MODEL).ask(…)``."""
