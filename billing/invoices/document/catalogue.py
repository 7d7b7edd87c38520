"""The fixed texts of documents, one file a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from layers import jsontext

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "zh")
"""What documents can be in: each has a file of its own."""


@cache
def texts(language: str) -> Mapping[str, str]:
    """The texts of a language."""
    found: dict[str, str] = jsontext.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return found


def language_of(preferred: Sequence[str], otherwise: str) -> str:
    """The first language that a buyer prefers and documents can be in.

    ``preferred`` are IETF tags such as ``pt-BR``, as Stripe keeps them in ``preferred_locales``.
    """
    for tag in preferred:
        language = tag.replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return otherwise
