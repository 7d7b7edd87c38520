"""Everything that can be configured: the only reader of the environment."""

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

__all__ = [
    "ConcurrencySettings",
    "LimitSettings",
    "NetworkSettings",
    "OAuthClient",
    "OAuthSettings",
    "RunnerClientSettings",
    "SecretSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "load_settings",
]
