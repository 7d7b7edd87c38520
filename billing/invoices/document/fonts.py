"""The fonts that documents are set in, and which forms Chinese characters have in a country."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
"""Noto as its makers publish it, as packages: Noto Sans with its scripts, and Noto Sans CJK."""
BASE = "Noto Sans"
OTHERS = (
    *("Arabic", "Hebrew", "Devanagari", "Thai", "Georgian", "Armenian", "Bengali", "Tamil"),
    *("Telugu", "Kannada", "Malayalam", "Gujarati", "Gurmukhi", "Oriya", "Sinhala", "Khmer"),
    *("Lao", "Myanmar", "Ethiopic", "Symbols"),
)
FORMS = {
    "JP": "JP",
    "KR": "KR",
    "KP": "KR",
    "TW": "TC",
    "HK": "HK",
    "MO": "HK",
    "CN": "SC",
    "SG": "SC",
    "MY": "SC",
}
OF_LANGUAGE = {"ja": "JP", "zh": "SC", "ko": "KR"}
KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")


def folders() -> list[Path]:
    """Where the fonts are."""
    return [Path(str(files(name))) for name in PACKAGES]


def families(text: str, country: str, language: str) -> list[str]:
    """The fonts for a text, the first that has a letter sets it.

    Chinese characters look different in Japan, Korea, Taiwan, Hong Kong and China: the letters
    beside them tell, else the country, else the document's language.
    """
    form = FORMS.get(country.upper()) or OF_LANGUAGE.get(language, "SC")
    if KANA.search(text):
        form = "JP"
    elif HANGUL.search(text):
        form = "KR"
    scripts = [f"{BASE} {name}" for name in OTHERS]
    return [BASE, f"{BASE} CJK {form}", *scripts, "Noto Emoji"]
