"""What can be found out about an instance from its settings, one function a thing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.errors import TreadleError
from layers.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``needed`` says whether Treadle can serve without it."""

    name: str
    good: bool
    text: str
    remedy: str = ""
    needed: bool = True


def database(settings: Settings) -> Finding:
    """The state of record."""
    from sqlalchemy.exc import SQLAlchemyError

    from layers.database import Database
    from layers.database.schema_version import is_current

    url = settings.storage.database_url
    remedy = "Check TREADLE_DATABASE_URL, and that the server runs."
    try:
        found = Database(url)
        try:
            current = is_current(found)
        finally:
            found.close()
    except (SQLAlchemyError, TreadleError, OSError) as error:
        return Finding("database", False, _short(error), remedy)
    if not current:
        return Finding("database", False, "its schema is not current", "Run 'treadle migrate'.")
    kind = "SQLite" if found.is_sqlite else "PostgreSQL"
    return Finding("database", True, f"{kind}, schema current")


def queue(settings: Settings) -> Finding:
    """The notifier."""
    url = settings.storage.queue_url
    remedy = "Check TREADLE_QUEUE_URL, and that the server runs."
    if url.startswith("redis"):
        import redis

        try:
            client = redis.Redis.from_url(url, socket_connect_timeout=3)
            client.ping()
        except (redis.RedisError, ValueError) as error:
            return Finding("queue", False, _short(error), remedy)
        return Finding("queue", True, "Redis")
    return _writable("queue", "SQLite", Path(url.removeprefix("sqlite:///")).parent, remedy)


def artifacts(settings: Settings) -> Finding:
    """Where large payloads and files go."""
    url = settings.storage.artifacts_url
    if url.startswith("file://"):
        folder = Path(url.removeprefix("file://"))
        return _writable("artifact store", "files", folder, "Check TREADLE_ARTIFACTS_URL.")
    from layers.artifacts import open_store
    from layers.artifacts.trial import StoreRefuses, try_out

    remedy = (
        "Check TREADLE_ARTIFACTS_URL, that the server runs, and that the key may put, get and"
        " delete objects in that bucket."
    )
    try:
        try_out(open_store(url))
    except (StoreRefuses, TreadleError) as error:
        return Finding("artifact store", False, _short(error), remedy)
    target = url.split("@")[-1].partition("?")[0]
    return Finding("artifact store", True, f"S3 at {target}: written, read and deleted")


def billing(settings: Settings) -> Finding:
    """Whether people can pay, where they are to."""
    from layers.settings import BillingMode

    found = settings.billing
    if found.mode is BillingMode.OFF:
        return Finding("billing", True, "off: every feature is open, nothing is counted")
    if not found.stripe_key:
        remedy = "Set STRIPE_API_KEY, or switch billing off with TREADLE_BILLING=off."
        return Finding(
            "billing", False, "on, but there is no key of Stripe's", remedy, needed=False
        )
    if not found.webhook_secrets:
        remedy = "Set STRIPE_WEBHOOK_SECRET to the endpoint's: until then no payment is noticed."
        return Finding("billing", False, "no secret for Stripe's webhook", remedy, needed=False)
    key = "live" if found.livemode else "test"
    mail = "mail goes out" if settings.mail.host else "no mail: set TREADLE_SMTP_URL for it"
    return Finding("billing", True, f"{found.mode}, {key} mode of Stripe; {mail}")


def seller(settings: Settings) -> Finding:
    """Who stands on invoices, where people pay."""
    from layers.settings import BillingMode

    found = settings.billing.seller
    if settings.billing.mode is not BillingMode.ON:
        return Finding("seller", True, found.name or "none: billing is not on")
    if found.missing:
        names = ", ".join(found.missing)
        remedy = "Set TREADLE_SELLER_NAME, _ADDRESS, _COUNTRY and _TAX_IDS: invoices need them."
        return Finding("seller", False, f"invoices lack the {names}", remedy, needed=False)
    numbers = ", ".join(value for _, value in found.tax_ids)
    return Finding("seller", True, f"{found.name}, {found.country}, {numbers}")


def language_models(settings: Settings) -> Finding:
    """Whom the instance asks for models; nothing is sent to find out."""
    found = settings.language_models
    if not found.enabled:
        text = "none of the instance; nodes bring their own, or set TREADLE_LLM_API_KEY"
        return Finding("language models", True, text)
    key = "with a key" if found.key else "without a key"
    return Finding(
        "language models",
        True,
        f"{found.address}, {key}; prices of {len(found.prices)} models (not tried)",
    )


def secret_keys(settings: Settings) -> Finding:
    """The key ring."""
    if settings.secrets.keys:
        return Finding("secret keys", True, f"{len(settings.secrets.keys)} in TREADLE_SECRET_KEYS")
    path = settings.storage.folder / "secret.key"
    if path.exists():
        return Finding("secret keys", True, f"in {path}; keep a copy of it")
    text = "none yet; 'treadle up' makes one"
    remedy = "In production, set TREADLE_SECRET_KEYS to a long random text."
    return Finding("secret keys", True, text, remedy)


def _writable(name: str, kind: str, folder: Path, remedy: str) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(name, True, f"{kind} in {folder}")
    except OSError as error:
        return Finding(name, False, f"{folder} cannot be written: {error.strerror}", remedy)


def _short(error: BaseException) -> str:
    lines: list[Any] = str(error).splitlines() or [type(error).__name__]
    return str(lines[0])
