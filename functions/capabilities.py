"""What is lent to nodes beyond their context: the one place where a capability is registered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from layers.contract import LANGUAGE_MODEL, HttpClient
from layers.engine.step.capabilities import Capabilities
from layers.engine.step.model import StepLanguageModel
from layers.language_models import LanguageModels
from layers.outbound import AddressPolicy, OutboundClient
from layers.settings import Settings


@dataclass(frozen=True)
class Lent:
    """What was opened for steps, and what of it others use, too."""

    capabilities: Capabilities
    language_models: LanguageModels

    async def close(self) -> None:
        """Let go of connections."""
        await self.language_models.close()


def open_lent(settings: Settings, http: HttpClient) -> Lent:
    """Open all that is lent; ``http`` is the client that reaches what authors may reach.

    Close what is returned at the end.
    """
    capabilities = Capabilities()
    models = _language_models(settings, http)
    capabilities.lend(LANGUAGE_MODEL, partial(StepLanguageModel, models))
    return Lent(capabilities, models)


def _language_models(settings: Settings, http: HttpClient) -> LanguageModels:
    # Authors name services to ``http``; the instance's own may be at a private address.
    own = settings.language_models
    allowed = settings.network.allow_private
    if own.enabled:
        allowed = (*allowed, own.address)
    return LanguageModels(own, http, OutboundClient(AddressPolicy(allowed)))
