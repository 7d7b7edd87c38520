"""Everything that can be configured: the only reader of the environment."""

from layers.settings.billing import BillingMode, BillingSettings, MailSettings
from layers.settings.language_models import LanguageModelSettings, ModelPrice
from layers.settings.root import (
    ConcurrencySettings,
    LimitSettings,
    NetworkSettings,
    OAuthClient,
    OAuthSettings,
    RunnerClientSettings,
    SecretSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    load_settings,
)
from layers.settings.seller import SellerSettings

__all__ = [
    "BillingMode",
    "BillingSettings",
    "ConcurrencySettings",
    "LanguageModelSettings",
    "LimitSettings",
    "MailSettings",
    "ModelPrice",
    "NetworkSettings",
    "OAuthClient",
    "OAuthSettings",
    "RunnerClientSettings",
    "SecretSettings",
    "SellerSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "load_settings",
]
