"""Text from outside, made fit for a document that people and machines read."""

from __future__ import annotations

import re
import unicodedata

MOST = 500
LONG_WORD = 24
BREAK = "\N{ZERO WIDTH SPACE}"
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
# Marks that turn the writing round for what follows them: they could make "10" of "01".
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
INVISIBLE = frozenset(("Cc", "Cs", "Co", "Cn"))
TAGS = re.compile("[\U000e0000-\U000e007f\ufeff\u00ad\ufff9-\ufffb]")


def cleaned(text: object, most: int = MOST) -> str:
    """Plain text of one line: composed, without controls, not endless.

    Marks that turn the direction are left out; scripts from right to left need none of them.
    What no font can have (halves of pairs, private letters) becomes one visible sign.
    """
    if text is None:
        return ""
    composed = unicodedata.normalize("NFC", str(text)[: most * 4].replace("\x00", ""))
    spaced = " ".join(TAGS.sub("", TURNING.sub("", composed)).split())
    shown = "".join(_shown(one) for one in spaced)
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def breakable(text: str, longest: int = LONG_WORD) -> str:
    """Let words break that are longer than a column: without a sign, as they hold no hyphen."""
    return " ".join(_broken(word, longest) for word in text.split(" "))


def _shown(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cc":
        return ""
    return UNREADABLE if kind in INVISIBLE else letter


def _broken(word: str, longest: int) -> str:
    if len(word) <= longest:
        return word
    parts: list[str] = []
    for letter in word:
        # A letter keeps its marks: those begin no part.
        if parts and (len(parts[-1]) < longest // 2 or _belongs_to_the_last(letter, parts[-1])):
            parts[-1] += letter
        else:
            parts.append(letter)
    return BREAK.join(parts)


def _belongs_to_the_last(letter: str, before: str) -> bool:
    joins = "\N{ZERO WIDTH JOINER}"
    return unicodedata.category(letter).startswith("M") or joins in {letter, before[-1]}
