"""Regular expressions in RE2's syntax: the time they take grows with the text, never faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.registry import function
from layers.expressions.word_patterns import cost, worded

GROUP = "Regular expressions"
MAX_PATTERN = 1_000
_MAX_MEMORY = 1 << 20
# Instructions times characters of one search: about a quarter of a second at the very worst.
_MAX_WORK = 20_000_000
_DIGITS = "0123456789"


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ExpressionError(
            f"The pattern is not a valid regular expression (RE2): {text[:200]}."
        ) from error


def _check_written(pattern: str, longest: int = MAX_PATTERN) -> None:
    if len(pattern) > longest:
        raise ExpressionError(f"A pattern has at most {MAX_PATTERN:,} characters.")
    if any(character < "\t" for character in pattern):
        raise ExpressionError(
            r"The pattern holds a control character: in quotes, \b and \1 are characters of their"
            r' own. Put an r before the quotes: r"\bword\b".'
        )


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a pattern fits: the text before it, itself, and its groups."""

    before: str
    whole: str
    groups: tuple[str | None, ...]
    names: Mapping[str, int]

    def group(self, number: int) -> str | None:
        """The whole for 0, else that group, None where it took no part."""
        return self.groups[number - 1] if number else self.whole


def _found(run: Run, text: str, pattern: str) -> Iterator[Match]:
    """Give the matches one by one; each charges for the text it may have looked at.

    ``before`` of each begins where the match before it ends.
    """
    _check_written(pattern)
    # Reading a pattern takes longer than a step; so does any search.
    run.check()
    _compiled(pattern)
    run.take(cost(pattern, text))
    wording = worded(pattern, text, _all)
    machine = _compiled(wording.pattern)
    if len(wording.text) * max(machine.programsize, 1) > _MAX_WORK:
        raise ExpressionError(
            f"The text has {len(text):,} characters: too many for this pattern."
            " Shorten the text or simplify the pattern."
        )
    run.take(len(wording.text) * 5)
    run.charge(machine.programsize >> 3)
    end, empty = 0, False
    for match in machine.finditer(wording.text):
        run.charge(2)
        run.check()
        before = wording.plain(wording.text[end : match.start()])
        whole = wording.plain(match.group())
        end = match.end()
        if empty and not whole and not before:
            # RE2 gives an empty match again, and of several marks each is a place for one.
            continue
        empty = not whole
        groups = tuple(None if one is None else wording.plain(one) for one in match.groups())
        yield Match(before, whole, groups, machine.groupindex)


def _all(pattern: str, text: str) -> list[str]:
    return [match.group() for match in _compiled(pattern).finditer(text)]


@function(GROUP, r'matches("order 66", r"\d+")', "true")
def matches(run: Run, text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text; write ^…$ for the whole text."""
    return next(_found(run, text, pattern), None) is not None


@function(GROUP, r'regex_find("order 66", r"\d+")', '"66"')
def regex_find(run: Run, text: str, pattern: str) -> str | None:
    """The first piece of the text that matches, or None."""
    match = next(_found(run, text, pattern), None)
    return match.whole if match else None


@function(GROUP, r'regex_find_all("1, 22, 333", r"\d+")', '["1", "22", "333"]')
def regex_find_all(run: Run, text: str, pattern: str) -> list[str]:
    """Every piece of the text that matches."""
    return [match.whole for match in _found(run, text, pattern)]


@function(
    GROUP,
    r'regex_groups("ada@example.org", r"(?P<user>\w+)@(?P<host>.+)")',
    '{"user": "ada", "host": "example.org"}',
)
def regex_groups(run: Run, text: str, pattern: str) -> Any:
    """The groups of the first match: an object if they are named, else a list; else None."""
    match = next(_found(run, text, pattern), None)
    if match is None:
        return None
    run.take(len(text))
    if match.names:
        return {name: match.group(number) for name, number in match.names.items()}
    return list(match.groups)


@function(GROUP, r'regex_replace("2025-01", r"(\d+)-(\d+)", r"\2/\1")', '"01/2025"')
def regex_replace(run: Run, text: str, pattern: str, replacement: str) -> str:
    r"""The text with every match replaced; \1 or \g<name> in the replacement stand for groups."""
    _check_written(pattern)
    _check_written(replacement, len(replacement))
    template = _template(replacement, _compiled(pattern))
    pieces: list[str] = []
    end = 0
    for match in _found(run, text, pattern):
        filled = "".join(
            piece if isinstance(piece, str) else match.group(piece[0]) or "" for piece in template
        )
        pieces += (match.before, filled)
        run.take(len(filled) + 50)
        end += len(match.before) + len(match.whole)
    run.take(len(text))
    return "".join(pieces) + text[end:]


def _template(replacement: str, machine: Any) -> list[str | tuple[int]]:
    r"""Cut a replacement into texts and group numbers; `\\` stands for one backslash."""
    first, *pieces = replacement.replace("\\\\", "\0").split("\\")
    parts: list[str | tuple[int]] = [first.replace("\0", "\\")]
    if len(pieces) > MAX_PATTERN:
        raise ExpressionError(f"A replacement names at most {MAX_PATTERN:,} groups.")
    for piece in pieces:
        number, rest = _group(piece, machine)
        parts += ((number,), rest.replace("\0", "\\"))
    return parts


def _group(piece: str, machine: Any) -> tuple[int, str]:
    number = -1
    rest = piece[1:]
    if piece[:1] in _DIGITS and piece:
        number = int(piece[0])
    elif piece.startswith("g<") and ">" in piece:
        name, _, rest = piece[2:].partition(">")
        number = machine.groupindex.get(name, int(name) if name in _DIGITS and name else -1)
    if 0 <= number <= machine.groups:
        return number, rest
    raise ExpressionError(
        rf"The replacement names a group that the pattern does not have: '\{piece[:20]}'."
        r" Write \1 for the first group, \\ for a backslash."
    )
