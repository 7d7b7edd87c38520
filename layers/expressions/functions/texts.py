"""Functions on text."""

from __future__ import annotations

import html
import unicodedata
from typing import Any
from urllib.parse import quote, unquote

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.registry import function
from layers.expressions.values import as_text, contained

GROUP = "Text"
_MAX_SLUG = 1_000
# Every character at which a text has a new line.
_LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@function(GROUP, 'lower("Ada")', '"ada"')
def lower(run: Run, text: str) -> str:
    """The text in lower-case letters."""
    run.take(len(text))
    return text.lower()


@function(GROUP, 'upper("Ada")', '"ADA"')
def upper(run: Run, text: str) -> str:
    """The text in capital letters."""
    run.take(len(text))
    return text.upper()


@function(GROUP, 'title("ada lovelace")', '"Ada Lovelace"')
def title(run: Run, text: str) -> str:
    """Each word with a capital letter."""
    run.take(len(text))
    return text.title()


@function(GROUP, 'capitalize("hello Ada")', '"Hello ada"')
def capitalize(run: Run, text: str) -> str:
    """The first letter large, the rest small."""
    run.take(len(text))
    return text.capitalize()


@function(GROUP, 'trim("  Ada ")', '"Ada"')
def trim(run: Run, text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at both ends."""
    run.take(len(text))
    return text.strip(characters)


@function(GROUP, 'normalize("e\u0301")', '"é"')
def normalize(run: Run, text: str, form: str = "NFC") -> str:
    """The text with letters and their accents in one form, so that equal ones compare as equal."""
    # One character can become up to 18 (U+FDFA in NFKD).
    run.take(len(text) * 18)
    match form:
        case "NFC" | "NFD" | "NFKC" | "NFKD":
            return unicodedata.normalize(form, text)
    raise ExpressionError("The form of normalize() is NFC, NFD, NFKC or NFKD.")


@function(GROUP, 'replace("a-b-c", "-", "+")', '"a+b+c"')
def replace(run: Run, text: str, old: str, new: str) -> str:
    """Every occurrence of old replaced by new."""
    run.take(len(text))
    run.take(max(text.count(old) * (len(new) - len(old)), 0))
    return text.replace(old, new)


@function(GROUP, 'split("a, b", ", ")', '["a", "b"]')
def split(run: Run, text: str, separator: str | None = None, limit: int | None = None) -> list[str]:
    """The pieces between separators (or between white space), at most limit cuts."""
    if separator == "":
        raise ExpressionError("The separator of split() is empty; use list(text) for characters.")
    run.take(len(text))
    cuts = run.steps + 1 if limit is None or limit < 0 else min(limit, run.steps + 1)
    pieces = text.split(separator, cuts)
    run.charge(len(pieces))
    return pieces


@function(GROUP, 'lines("a\\nb")', '["a", "b"]')
def lines(run: Run, text: str) -> list[str]:
    """The lines of a text."""
    run.take(len(text))
    run.charge(sum(text.count(end) for end in _LINE_ENDS) + 1)
    return text.splitlines()


@function(GROUP, 'join(["a", "b"], ", ")', '"a, b"')
def join(run: Run, values: list[Any], separator: str = "") -> str:
    """The elements as one text, with the separator between them."""
    run.charge(len(values))
    pieces = [as_text(run, value) for value in values]
    run.take(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


@function(GROUP, 'contains("Lovelace", "lace")', "true")
def contains(run: Run, text: str | list[Any], part: Any) -> bool:
    """Whether a text contains a part, or a list an element."""
    return contained(run, part, text)


@function(GROUP, 'starts_with("invoice-7", "invoice")', "true")
def starts_with(run: Run, text: str, start: str) -> bool:
    """Whether the text begins so."""
    return text.startswith(start)


@function(GROUP, 'ends_with("photo.png", ".png")', "true")
def ends_with(run: Run, text: str, end: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(end)


@function(GROUP, 'slug("Crème Brûlée!")', '"creme-brulee"')
def slug(run: Run, text: str) -> str:
    """The text as part of an address: small ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text[:_MAX_SLUG]).lower()
    run.charge(len(plain) >> 3)
    kept = "".join(
        one if one.isascii() and one.isalnum() else "-"
        for one in plain
        if not unicodedata.combining(one)
    )
    return "-".join(piece for piece in kept.split("-") if piece)


@function(GROUP, 'truncate("a long story", 7)', '"a long…"')
def truncate(run: Run, text: str, length: int, ending: str = "…") -> str:
    """The text, cut to that many characters with the ending in place of what is cut."""
    if len(text) <= length:
        return text
    if length < len(ending):
        raise ExpressionError(f"truncate() to {length} leaves no room for the ending {ending!r}.")
    run.take(length)
    return text[: length - len(ending)] + ending


def _fill(run: Run, text: str, width: int, fill: str) -> str:
    if len(fill) != 1:
        raise ExpressionError("The fill of a text is a single character.")
    run.take(max(width, len(text)))
    return fill * (width - len(text))


@function(GROUP, 'pad_left("7", 3, "0")', '"007"')
def pad_left(run: Run, text: str, width: int, fill: str = " ") -> str:
    """The text made that wide by filling its left side."""
    return _fill(run, text, width, fill) + text


@function(GROUP, 'pad_right("ab", 4, ".")', '"ab.."')
def pad_right(run: Run, text: str, width: int, fill: str = " ") -> str:
    """The text made that wide by filling its right side."""
    return text + _fill(run, text, width, fill)


@function(GROUP, 'url_encode("a b&c")', '"a%20b%26c"')
def url_encode(run: Run, text: str) -> str:
    """The text as it may stand in an address or a query."""
    run.take(len(text) * 12)
    return quote(text, safe="")


@function(GROUP, 'url_decode("a%20b%26c")', '"a b&c"')
def url_decode(run: Run, text: str) -> str:
    """The text that was url_encode()d."""
    run.take(len(text) * 4)
    return unquote(text)


@function(GROUP, 'html_escape("<b>")', '"&lt;b&gt;"')
def html_escape(run: Run, text: str) -> str:
    """The text safe to stand in HTML."""
    run.take(len(text) * 6)
    return html.escape(text)
