"""Opens the way to language models for whichever process needs it."""

from __future__ import annotations

from layers.contract import HttpClient
from layers.language_models import LanguageModels
from layers.outbound import AddressPolicy, OutboundClient
from layers.settings import Settings


def open_language_models(settings: Settings, http: HttpClient) -> LanguageModels:
    """``http`` is for services that authors name; the instance's own may be at a private address.

    Close what is returned at the end.
    """
    own = settings.language_models
    allowed = settings.network.allow_private
    if own.enabled:
        allowed = (*allowed, own.address)
    return LanguageModels(own, http, OutboundClient(AddressPolicy(allowed)))
