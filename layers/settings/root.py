"""One root, one small class a subsystem."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from layers.errors import SetupError
from layers.packages.policy import ANYTHING, PackagePolicy
from layers.private_files import with_companions
from layers.settings.accounts import AccountSettings, load_accounts
from layers.settings.artifacts import load_artifacts_url
from layers.settings.billing import BillingSettings, MailSettings, load_billing, load_mail
from layers.settings.connections import ConnectionSettings, load_connections
from layers.settings.hooks import load_hooks_port, load_hooks_url
from layers.settings.hosts import load_allowed_hosts
from layers.settings.language_models import LanguageModelSettings, load_language_models
from layers.settings.packages import load_package_policy
from layers.settings.places import WEB_DIST

PRIVATE = ("secret.key", "up.lock", "stripe.json", "demo.json", "sandbox")
"""What lies in the data folder beside databases and artifacts."""


@dataclass(frozen=True)
class StorageSettings:
    """Where state lives; everything embedded is below ``folder``."""

    folder: Path
    database_url: str
    queue_url: str
    artifacts_url: str

    def private(self) -> list[Path]:
        """The files and folders of an instance that nobody else may read, there or not."""
        found = [self.folder / name for name in PRIVATE]
        for url in (self.database_url, self.queue_url):
            if url.startswith("sqlite:///"):
                found += with_companions(Path(url.removeprefix("sqlite:///").partition("?")[0]))
        if self.artifacts_url.startswith("file:///"):
            found.append(Path(unquote(urlsplit(self.artifacts_url).path)))
        return found


@dataclass(frozen=True)
class ServerSettings:
    """How the gateway is reached, and which slot of the supervisor this process fills."""

    public_url: str
    host: str = "127.0.0.1"
    port: int = 8700
    process_name: str = ""
    """Unique among live processes of one data folder; its successor takes over its leases."""
    web_dist: Path = WEB_DIST
    """The folder of the built browser app."""
    connections: ConnectionSettings = field(default_factory=ConnectionSettings)
    allowed_hosts: tuple[str, ...] = ()
    """Further names by which programs reach it, beside the public one and this machine's own."""
    own_hooks_url: str = ""
    """Where webhooks and callbacks are reached, if that is an origin of their own."""
    hooks_port: int | None = None
    """A second port to listen on, for nothing but them."""

    @property
    def hooks_url(self) -> str:
        """What the address of every webhook and callback begins with; no slash at its end."""
        return self.own_hooks_url or self.public_url

    @property
    def hooks_may_set_cookies(self) -> bool:
        """Whether webhooks have a host to themselves: cookies know no ports (RFC 6265 8.5)."""
        ours = urlsplit(self.public_url).hostname
        return bool(self.own_hooks_url) and urlsplit(self.own_hooks_url).hostname != ours


@dataclass(frozen=True)
class SecretSettings:
    """The key ring: the first key encrypts, all decrypt."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class NetworkSettings:
    """Private hosts, CIDRs and ``host:port`` services that outbound calls may reach."""

    allow_private: tuple[str, ...] = ()


@dataclass(frozen=True)
class OAuthClient:
    """An application that is registered with a provider; empty where there is none."""

    id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class OAuthSettings:
    """The instance's own applications at providers, and where those are."""

    google_client: OAuthClient = OAuthClient()
    google_base: str = "https://accounts.google.com"
    microsoft_client: OAuthClient = OAuthClient()
    microsoft_base: str = "https://login.microsoftonline.com"

    def client_of(self, provider: str) -> OAuthClient:
        """The instance's own application at a provider; an empty one where there is none."""
        known = {"google": self.google_client, "microsoft": self.microsoft_client}
        return known.get(provider, OAuthClient())

    def base_of(self, provider: str) -> str:
        """Where a provider is, as this instance was told; empty where it was told nothing."""
        return {"google": self.google_base, "microsoft": self.microsoft_base}.get(provider, "")


@dataclass(frozen=True)
class RunnerClientSettings:
    """Where the sandbox runner is, and the token that it shares with its clients."""

    url: str
    token: str


@dataclass(frozen=True)
class LimitSettings:
    """Bounds on what is accepted. Sizes in bytes, times in seconds."""

    body_bytes: int = 16 * 1024 * 1024
    upload_bytes: int = 256 * 1024 * 1024
    """Of a body that is a file or has files; nothing that is read as a value may be so large."""
    json_depth: int = 64
    json_keys: int = 200_000
    json_values: int = 250_000
    inline_bytes: int = 64 * 1024
    steps: int = 10_000
    call_depth: int = 10
    lease_s: float = 15.0
    crash_attempts: int = 10


@dataclass(frozen=True)
class ConcurrencySettings:
    """How many executions run at once: in one process, and of one workspace."""

    process: int = 64
    workspace: int = 200


@dataclass(frozen=True)
class Settings:
    """All settings of this instance."""

    storage: StorageSettings
    server: ServerSettings
    secrets: SecretSettings
    network: NetworkSettings
    runner: RunnerClientSettings
    limits: LimitSettings
    concurrency: ConcurrencySettings
    oauth: OAuthSettings = OAuthSettings()
    packages: PackagePolicy = ANYTHING
    """What every workspace's Python steps are held to; a workspace may only be stricter."""
    billing: BillingSettings = field(default_factory=BillingSettings)
    accounts: AccountSettings = field(default_factory=AccountSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    language_models: LanguageModelSettings = field(default_factory=LanguageModelSettings)
    failpoint: str = ""
    """Where a test makes this process die: see ``layers.failpoints``."""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises SetupError that names the variable and the remedy."""
    env = os.environ if environment is None else environment
    folder = Path(env.get("TREADLE_DATA", ".data")).absolute()
    port = _number(env, "TREADLE_PORT", 8700, least=0)
    public_url = _text(env, "TREADLE_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    hooks_url = load_hooks_url(env, public_url)
    return Settings(
        storage=StorageSettings(
            folder=folder,
            database_url=_text(env, "TREADLE_DATABASE_URL", f"sqlite:///{folder}/treadle.db"),
            queue_url=_text(env, "TREADLE_QUEUE_URL", f"sqlite:///{folder}/queue.db"),
            artifacts_url=load_artifacts_url(env, folder),
        ),
        server=ServerSettings(
            public_url=public_url,
            host=_text(env, "TREADLE_HOST", "127.0.0.1"),
            port=port,
            process_name=env.get("TREADLE_PROCESS_NAME", ""),
            web_dist=Path(_text(env, "TREADLE_WEB_DIST", str(WEB_DIST))).absolute(),
            connections=load_connections(env),
            allowed_hosts=load_allowed_hosts(env),
            own_hooks_url=hooks_url,
            hooks_port=load_hooks_port(env, hooks_url, public_url, port),
        ),
        secrets=SecretSettings(keys=_list(env, "TREADLE_SECRET_KEYS")),
        network=NetworkSettings(allow_private=_list(env, "TREADLE_ALLOW_PRIVATE_NETWORK")),
        runner=RunnerClientSettings(
            url=_runner_url(_text(env, "TREADLE_RUNNER_URL", "http://127.0.0.1:8701")),
            token=env.get("TREADLE_RUNNER_TOKEN", ""),
        ),
        limits=LimitSettings(
            body_bytes=_number(env, "TREADLE_MAX_BODY_BYTES", LimitSettings.body_bytes),
            upload_bytes=_number(env, "TREADLE_MAX_UPLOAD_BYTES", LimitSettings.upload_bytes),
            lease_s=float(_number(env, "TREADLE_LEASE_SECONDS", int(LimitSettings.lease_s))),
        ),
        concurrency=ConcurrencySettings(
            process=_number(env, "TREADLE_PROCESS_CONCURRENCY", ConcurrencySettings.process),
            workspace=_number(env, "TREADLE_WORKSPACE_CONCURRENCY", ConcurrencySettings.workspace),
        ),
        oauth=_oauth(env),
        packages=load_package_policy(env),
        billing=load_billing(env),
        accounts=load_accounts(env),
        mail=load_mail(env),
        language_models=load_language_models(env),
        failpoint=env.get("TREADLE_FAILPOINT", ""),
    )


def _oauth(env: Mapping[str, str]) -> OAuthSettings:
    google, microsoft = (
        OAuthClient(env.get(f"{name}_CLIENT_ID", ""), env.get(f"{name}_CLIENT_SECRET", ""))
        for name in ("GOOGLE", "MICROSOFT")
    )
    google_base = env.get("GOOGLE_OAUTH_BASE") or OAuthSettings.google_base
    microsoft_base = env.get("MICROSOFT_LOGIN_BASE") or OAuthSettings.microsoft_base
    return OAuthSettings(google, google_base.rstrip("/"), microsoft, microsoft_base.rstrip("/"))


def _text(env: Mapping[str, str], name: str, default: str) -> str:
    """A variable's value; one that is set to nothing, as forms of platforms do, is not set."""
    return env.get(name, "").strip() or default


def _runner_url(text: str) -> str:
    """An address without its scheme is what platforms call ``host:port``."""
    return (text if "://" in text else f"http://{text}").rstrip("/")


def _list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise SetupError(f"{name} must be a whole number of at least {least}, not {text!r}.")
    return int(text)
