r"""Letters of all languages in regular expressions that RE2 runs.

RE2's ``\w \d \s \b`` know ASCII only. Which other characters a text holds is known before it is
searched, so the pattern is written anew for that text, with the classes as Python's ``re`` means
them: short, and exact. RE2 cannot be told about ``\b``, so where a pattern has one, the text gets
marks at the borders of its words, which every other part of the pattern steps over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

FindAll = Callable[[str, str], Iterable[str]]
"""Pattern and text to all matches, by RE2."""

# Beside ASCII: white space that Python knows and RE2 does not.
_BEYOND = re.compile("[\x0b\x1c-\x1f\x80-\U0010ffff]")
_BORDER = re.compile(r"\\[bB]")
_TOKEN = re.compile(
    r"""(?sx)
    (?P<quote>\\Q(?P<quoted>.*?)(?:\\E|\Z))
    | (?P<border>\\[bB])
    | (?P<anchor>\\[Az]|\^|\$)
    | (?P<perl>\\[wdsWDS])
    | (?P<property>\\[pP](?:\{[^}]*\}|.))
    | (?P<escape>\\(?:x\{[^}]*\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.))
    | (?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\(?:[pPx]\{[^}]*\}|.)|[^\]\\])*\])
    | (?P<flags>\(\?(?P<on>[imsU]*)(?:-(?P<off>[imsU]*))?(?P<scope>[:)]))
    | (?P<open>\((?:\?P?<\w+>)?)
    | (?P<close>\))
    | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
    | (?P<either>\|)
    | (?P<any>\.)
    | (?P<letter>.)
    """
)
_PERL = re.compile(r"\\([wdsWDS])|\\.", re.DOTALL)
_ASCII = {"w": "0-9A-Za-z_", "d": "0-9", "s": "\\t-\\r\\x{1c}-\\x{20}"}
_NOT_ASCII = {
    "w": r"\x{0}-/:-@\[-\^`{-\x{7f}",
    "d": r"\x{0}-/:-\x{7f}",
    "s": r"\x{0}-\x{8}\x{e}-\x{1b}!-\x{7f}",
}
_NOTHING = r"[^\x{0}-\x{10ffff}]"
# One may end there, an empty one follow, and a third begin: each asks for marks of its own.
_MATCHES_AT_ONE_PLACE = 3
# Characters that Unicode promises never to give a meaning (section 23.7).
_MARKS = [chr(point) for point in range(0xFDD0, 0xFDF0)]


def is_word(character: str) -> bool:
    r"""Whether ``\w`` of Python's ``re`` matches it."""
    return character.isalnum() or character == "_"


@dataclass(frozen=True)
class Wording:
    """A pattern and a text that RE2 finds the same in as Python would in the original ones."""

    pattern: str
    text: str
    marks: str = ""

    def plain(self, piece: str) -> str:
        """A piece of the text as it was before marks were put in."""
        if not self.marks:
            return piece
        return piece.replace(self.marks[0], "").replace(self.marks[1], "")


def cost(pattern: str, text: str) -> int:
    """How many characters ``worded`` may make of a text, which it does not count itself."""
    return len(text) * (1 + _MATCHES_AT_ONE_PLACE * len(_BORDER.findall(pattern)))


def worded(pattern: str, text: str, find_all: FindAll) -> Wording:
    """Write pattern and text so that RE2 understands the letters of this text."""
    if "\\" not in pattern or not _BEYOND.search(text):
        return Wording(pattern, text)
    borders = len(_BORDER.findall(pattern))
    alphabet = "".join(sorted(set(text)))
    if not borders:
        return Wording(_Writer(alphabet).written(pattern), text)
    marks = "".join([mark for mark in _MARKS if mark not in alphabet][:2])
    if len(marks) < 2:
        return Wording(pattern, text)
    marked = _marked(text, marks, borders * _MATCHES_AT_ONE_PLACE, not_too="\\B" in pattern)
    return Wording(_Writer(alphabet, marks, find_all).written(pattern), marked, marks)


def _marked(text: str, marks: str, number: int, not_too: bool) -> str:
    r"""The text with a mark for each ``\b``, and ``\B``, that may be asked for at one place."""
    border, inside = marks[0] * number, marks[1] * number if not_too else ""
    pieces: list[str] = []
    before = False
    for character in text:
        after = is_word(character)
        pieces += (border if before is not after else inside, character)
        before = after
    pieces.append(border if before else inside)
    return "".join(pieces)


@dataclass
class _Writer:
    """Writes patterns for one text; without ``marks`` only the classes change."""

    alphabet: str
    marks: str = ""
    find_all: FindAll | None = None
    _flags: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])

    def written(self, pattern: str) -> str:
        tokens = list(_TOKEN.finditer(pattern))
        if self.marks:
            tokens = _in_order_of_place(tokens)
        return "".join(self._piece(found) for found in tokens)

    def _piece(self, found: re.Match[str]) -> str:
        kind, written = found.lastgroup or "", found[0]
        match kind:
            case "quote":
                return "".join(self._atom(f"\\x{{{ord(one):x}}}") for one in found["quoted"])
            case "border" if self.marks:
                return self.marks[0] if written == "\\b" else self.marks[1]
            case "anchor" if self.marks:
                return f"(?:{self._skip}{written})"
            case "perl":
                return self._perl(written)
            case "set":
                return self._set(written)
            case "property" | "any" if self.marks:
                return self._one_of(written)
            case "escape" | "letter" | "property" | "any":
                return self._atom(written)
            case "flags" | "open" | "close":
                return self._group(found, written)
            case _:
                return written

    @property
    def _skip(self) -> str:
        return f"[{self.marks}]*" if self.marks else ""

    def _atom(self, written: str) -> str:
        return f"(?:{self._skip}{written})" if self.marks else written

    def _group(self, found: re.Match[str], written: str) -> str:
        if written == ")":
            if len(self._flags) > 1:
                self._flags.pop()
            return written
        flags = self._flags[-1]
        if found["flags"]:
            flags = (flags | set(found["on"] or "")) - set(found["off"] or "")
        if found["scope"] == ")":
            self._flags[-1] = flags
        else:
            self._flags.append(flags)
        return written

    def _perl(self, token: str) -> str:
        name = token[1]
        if self.marks:
            return self._one_of(f"[{self._members(name)}]")
        if name.islower():
            return f"[{self._members(name)}]"
        return f"[^{self._members(name.lower())}]"

    def _set(self, token: str) -> str:
        inner = _PERL.sub(lambda one: self._members(one[1]) if one[1] else one[0], token)
        return self._one_of(inner) if self.marks else inner

    def _members(self, name: str) -> str:
        """What ``\\w`` and the like hold of ASCII and of this text, as the inside of a class."""
        wanted, lower = name.islower(), name.lower()
        belongs = {"w": is_word, "d": str.isdecimal, "s": str.isspace}[lower]
        ascii_part = (_ASCII if wanted else _NOT_ASCII)[lower]
        beyond = [one for one in self.alphabet if one > "\x7f" and belongs(one) is wanted]
        return ascii_part + _ranges(beyond)

    def _one_of(self, written: str) -> str:
        """Exactly the characters of this text that a class holds, so that no mark is one."""
        assert self.find_all is not None
        flags = "".join(sorted(self._flags[-1] & {"i", "s"}))
        held = sorted(
            set(self.find_all(f"(?{flags}){written}" if flags else written, self.alphabet))
        )
        return self._atom(f"(?-i:[{_ranges(held)}])" if held else _NOTHING)


def _in_order_of_place(tokens: list[re.Match[str]]) -> list[re.Match[str]]:
    """Neighbours that take no characters, in an order that suits marks: start, borders, end."""
    ordered: list[re.Match[str]] = []
    for still, run in groupby(tokens, lambda token: token.lastgroup in ("border", "anchor")):
        some = list(run)
        ordered += sorted(some, key=_place) if still else some
    return ordered


def _place(token: re.Match[str]) -> int:
    return 0 if token[0] in ("^", "\\A") else 1 if token.lastgroup == "border" else 2


def _ranges(characters: Iterable[str]) -> str:
    return "".join(
        f"\\x{{{first:x}}}" if first == last else f"\\x{{{first:x}}}-\\x{{{last:x}}}"
        for first, last in _runs(ord(one) for one in characters)
    )


def _runs(points: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for point in points:
        if point != last + 1 or last < 0:
            if last >= 0:
                yield first, last
            first = point
        last = point
    if last >= 0:
        yield first, last
