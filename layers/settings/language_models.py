"""The instance's own language model service, and what models cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from layers import jsontext
from layers.errors import SetupError

BASE = "TREADLE_LLM_API_BASE"
KEY = "TREADLE_LLM_API_KEY"
PRICES = "TREADLE_LLM_PRICES"
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class ModelPrice:
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal


@dataclass(frozen=True)
class LanguageModelSettings:
    """Where the instance's service is, its key, and the prices of models by their name.

    Without ``enabled`` workflows have to bring services of their own.
    """

    base_url: str = OPENAI
    key: str = field(default="", repr=False)
    prices: Mapping[str, ModelPrice] = field(default_factory=dict)
    enabled: bool = False

    @property
    def address(self) -> str:
        """Its ``host:port``, as TREADLE_ALLOW_PRIVATE_NETWORK writes it."""
        parts = _split(self.base_url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def load_language_models(env: Mapping[str, str]) -> LanguageModelSettings:
    """Read the service and the prices; raises SetupError."""
    base, key = env.get(BASE, "").strip(), env.get(KEY, "").strip()
    parts = _split(base or OPENAI)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SetupError(f"{BASE} must be like {OPENAI}, not {base!r}.")
    if not key.isascii() or not key.isprintable():
        raise SetupError(f"{KEY} holds a character that no key has.")
    return LanguageModelSettings(
        base_url=(base or OPENAI).rstrip("/"),
        key=key,
        prices=_prices(env.get(PRICES, "").strip()),
        enabled=bool(base or key),
    )


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # Reading it is what checks it.
    except ValueError as error:
        raise SetupError(f"{BASE} is no address: {error}.") from error
    return parts


def _prices(path: str) -> dict[str, ModelPrice]:
    if not path:
        return {}
    try:
        found = jsontext.loads(Path(path).read_bytes())
    except (OSError, jsontext.InvalidJson) as error:
        raise SetupError(f"{PRICES}: {path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise SetupError(f"{PRICES}: {path} must hold a JSON object of models by name.")
    return {name: _price(path, name, value) for name, value in found.items()}


def _price(path: str, name: str, value: object) -> ModelPrice:
    try:
        if not isinstance(value, dict) or set(value) != {"input", "output"}:
            raise ValueError
        sums = [Decimal(str(value[side])) for side in ("input", "output")]
        if not all(one.is_finite() and one >= 0 for one in sums):
            raise ValueError
    except (ValueError, InvalidOperation) as error:
        example = '{"input": "0.15", "output": "0.60"}'
        raise SetupError(
            f"{PRICES}: {path}: the price of {name!r} must be like {example}, in US dollars for a"
            " million tokens."
        ) from error
    return ModelPrice(*sums)
