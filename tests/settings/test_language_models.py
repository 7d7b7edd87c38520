"""How the instance's language model service is set up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from layers.errors import SetupError
from layers.settings.language_models import ModelPrice, load_language_models


def test_without_a_key_or_an_address_there_is_none() -> None:
    assert not load_language_models({}).enabled
    assert not load_language_models({"TREADLE_LLM_API_KEY": " "}).enabled


def test_a_key_alone_is_for_openai() -> None:
    found = load_language_models({"TREADLE_LLM_API_KEY": "sk-1"})
    assert (found.enabled, found.base_url, found.key) == (True, "https://api.openai.com/v1", "sk-1")
    assert "sk-1" not in repr(found)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://127.0.0.1:11434/v1/", "127.0.0.1:11434"),
        ("http://models.internal/v1", "models.internal:80"),
        ("https://[fd00::7]/v1", "[fd00::7]:443"),
    ],
)
def test_an_address_alone_is_one_without_a_key(base: str, address: str) -> None:
    found = load_language_models({"TREADLE_LLM_API_BASE": base})
    assert found.enabled
    assert found.base_url == base.rstrip("/")
    assert found.address == address


@pytest.mark.parametrize("base", ["ftp://x/v1", "models", "http://", "http://h:99999", "http://["])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_LLM_API_BASE"):
        load_language_models({"TREADLE_LLM_API_BASE": base})


def test_a_key_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(SetupError, match="TREADLE_LLM_API_KEY"):
        load_language_models({"TREADLE_LLM_API_KEY": "a\nb"})


def test_prices_are_dollars_for_a_million_tokens(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"small": {"input": "0.15", "output": 0.6}}')
    found = load_language_models({"TREADLE_LLM_PRICES": str(path)})
    assert found.prices == {"small": ModelPrice(Decimal("0.15"), Decimal("0.6"))}


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"small": 1}',
        '{"small": {"input": 1}}',
        '{"small": {"input": "x", "output": 1}}',
        '{"small": {"input": -1, "output": 1}}',
        '{"small": {"input": "NaN", "output": 1}}',
    ],
)
def test_prices_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text)
    with pytest.raises(SetupError, match="TREADLE_LLM_PRICES"):
        load_language_models({"TREADLE_LLM_PRICES": str(path)})


def test_prices_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="TREADLE_LLM_PRICES"):
        load_language_models({"TREADLE_LLM_PRICES": str(tmp_path / "none.json")})
