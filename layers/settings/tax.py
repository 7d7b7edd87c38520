"""Who computes the tax of what is sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from layers.errors import SetupError

MODE = "TREADLE_TAX"
RATES = "TREADLE_TAX_RATES"


class TaxMode(StrEnum):
    """Who computes it."""

    OFF = "off"
    """Nobody: prices are what is paid."""
    STRIPE = "stripe"
    """Stripe Tax, by the registrations in Stripe's dashboard."""
    RATES = "rates"
    """Treadle chooses among the rates of a file."""


@dataclass(frozen=True)
class TaxSettings:
    """How tax is computed; ``rates`` names the file of the mode ``rates``."""

    mode: TaxMode = TaxMode.OFF
    rates: Path | None = None


def load_tax(env: Mapping[str, str]) -> TaxSettings:
    """Read how tax is computed; raises SetupError."""
    text = env.get(MODE, "").strip().lower() or "off"
    if text not in set(TaxMode):
        raise SetupError(f"{MODE} must be off, stripe or rates, not {text!r}.")
    rates = env.get(RATES, "").strip()
    if text == TaxMode.RATES and not rates:
        raise SetupError(f"{RATES} is not set: with {MODE}=rates it names the file of the rates.")
    return TaxSettings(TaxMode(text), Path(rates).absolute() if rates else None)
