"""What the emulated pages share: a frame, buttons, amounts as people read them."""

from __future__ import annotations

from html import escape

STYLE = (
    "body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a}"
    "button,select{font:inherit;padding:.4rem .8rem;margin:.2rem .2rem .2rem 0}"
    "li{margin:.4rem 0}[role=alert]{background:#fdecea;padding:.6rem 1rem;border-radius:.4rem}"
    "dt{font-weight:600}dd{margin:0 0 .5rem}"
)
ZERO_DECIMAL = frozenset({"jpy", "krw", "clp", "vnd"})


def framed(title: str, body: str) -> str:
    """A whole page; ``body`` is markup."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)} (emulated)</title><style>{STYLE}</style>"
        f"<h1>{escape(title)} (emulated)</h1>{body}</html>"
    )


def alert(text: str | None) -> str:
    """What went wrong, where something did."""
    return f"<p role=alert>{escape(text)}</p>" if text else ""


def amount(value: int, currency: str) -> str:
    """An amount in minor units as people read it: ``19.99 EUR``."""
    if currency in ZERO_DECIMAL:
        return f"{value:,} {currency.upper()}"
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 100)
    return f"{sign}{whole:,}.{rest:02d} {currency.upper()}"
