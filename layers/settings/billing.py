"""Whether and how people pay for what they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from layers.errors import SetupError
from layers.settings.seller import SellerSettings, load_seller
from layers.settings.tax import TaxSettings, load_tax

MODE = "TREADLE_BILLING"
BUILT_IN_PLANS = Path(__file__).parents[2] / "billing" / "plans.json"
STRIPE = "https://api.stripe.com"


class BillingMode(StrEnum):
    """How far billing goes."""

    OFF = "off"
    """Nothing is counted, everything is open."""
    OPEN = "open"
    """Counted and shown; who has no subscription has everything open."""
    ON = "on"
    """Who has no subscription is on the plan Free."""


@dataclass(frozen=True)
class BillingSettings:
    """Stripe, and the plans. With several webhook secrets any of them may have signed."""

    mode: BillingMode = BillingMode.OFF
    stripe_key: str = field(default="", repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_base: str = STRIPE
    plans: Path = BUILT_IN_PLANS
    currency: str = "usd"
    seller: SellerSettings = field(default_factory=SellerSettings)
    tax: TaxSettings = field(default_factory=TaxSettings)
    promotion_codes: bool = True
    """Whether Checkout asks for a promotion code."""

    @property
    def livemode(self) -> bool:
        """Whether the key is one for real money; Stripe's live keys have ``_live_`` in them."""
        return "_live_" in self.stripe_key


@dataclass(frozen=True)
class MailSettings:
    """Where mail goes out: ``smtp://`` with STARTTLS where that is offered, or ``smtps://``."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    sender: str = ""


def load_billing(env: Mapping[str, str]) -> BillingSettings:
    """Read how billing is set up; raises SetupError."""
    key = env.get("STRIPE_API_KEY", "").strip()
    text = env.get(MODE, "").strip().lower() or ("on" if key else "off")
    if text not in set(BillingMode):
        raise SetupError(f"{MODE} must be off, open or on, not {text!r}.")
    secrets = (one.strip() for one in env.get("STRIPE_WEBHOOK_SECRET", "").split(","))
    plans = env.get("TREADLE_PLANS", "").strip()
    return BillingSettings(
        mode=BillingMode(text),
        stripe_key=key,
        webhook_secrets=tuple(one for one in secrets if one),
        stripe_base=(env.get("STRIPE_API_BASE", "").strip() or STRIPE).rstrip("/"),
        plans=Path(plans).absolute() if plans else BUILT_IN_PLANS,
        currency=env.get("TREADLE_CURRENCY", "").strip().lower() or "usd",
        seller=load_seller(env),
        tax=load_tax(env),
        promotion_codes=_switch(env, "TREADLE_PROMOTION_CODES", True),
    )


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "").strip().lower() or ("on" if default else "off")
    if text not in {"on", "off"}:
        raise SetupError(f"{name} must be on or off, not {text!r}.")
    return text == "on"


def load_mail(env: Mapping[str, str]) -> MailSettings:
    """Read how mail goes out; raises SetupError."""
    text = env.get("TREADLE_SMTP_URL", "").strip()
    sender = env.get("TREADLE_MAIL_FROM", "").strip()
    if not text:
        return MailSettings(sender=sender)
    url = urlsplit(text)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise SetupError("TREADLE_SMTP_URL must be like smtp://user:password@mail.example.org:587.")
    if not sender:
        raise SetupError("TREADLE_MAIL_FROM is not set: name the address that mail comes from.")
    tls = url.scheme == "smtps"
    return MailSettings(
        host=url.hostname,
        port=url.port or (465 if tls else 25),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        tls=tls,
        sender=sender,
    )
