r"""``\w \d \s \b`` know the letters of all languages, exactly as Python's ``re`` means them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from layers.expressions import word_patterns
from tests.expressions.test_functions import value


def evaluate(source: str, **item: str) -> Any:
    return value(source, item=item, items=[])


def found(text: str, pattern: str) -> Any:
    return evaluate("regex_find_all(item.text, item.pattern)", text=text, pattern=pattern)


def replaced(text: str, pattern: str) -> Any:
    return evaluate('regex_replace(item.text, item.pattern, "<\\\\0>")', text=text, pattern=pattern)


@pytest.mark.parametrize(
    ("text", "pattern", "pieces"),
    [
        ("Zoë Müller", r"\w+", ["Zoë", "Müller"]),
        ("naïve café", r"\b\w+\b", ["naïve", "café"]),
        ("naïve café", r"\bca\w*", ["café"]),
        ("Übung über ubung", r"(?i)\bü\w+", ["Übung", "über"]),
        ("日本 と 中国", r"\w+", ["日本", "と", "中国"]),
        ("٣ و ٤٥", r"\d+", ["٣", "٤٥"]),
        ("a\u00a0b\u2003c é", r"\S+", ["a", "b", "c", "é"]),
        ("añb", r"a\Bñ\Bb", ["añb"]),
        ("añb", r"a\bñ", []),
        ("élan-vital, Élan", r"\b[^\W\d_]+\b", ["élan", "vital", "Élan"]),
        ("ab éé [x]", r"[\s\S]{3}", ["ab ", "éé ", "[x]"]),
        ("über foo", r"\b(?:über\s+)?\bfoo", ["über foo"]),
        ("naïve.", r"\bnaïve\b[.]$", ["naïve."]),
        ("a.é", r"\b\Q.é\E", [".é"]),
        ("é\nb", r"(?s)\bé.b", ["é\nb"]),
        ("é\nb", r"\bé.b", []),
        ("Ünal, Öz", r"\b\p{Lu}\P{Lu}*\b", ["Ünal, ", "Öz"]),
        ("x é", r"[^é]\b", ["x", " "]),
        ("Éa", r"(?i)\b[^é]", []),
    ],
)
def test_words_of_all_languages_are_words(text: str, pattern: str, pieces: list[str]) -> None:
    assert found(text, pattern) == pieces


def test_groups_and_replacements_hold_no_marks() -> None:
    groups = evaluate(r'regex_groups("né: 1", r"\b(?P<word>\w+)\b(?P<rest>.*)")')
    assert groups == {"word": "né", "rest": ": 1"}
    assert evaluate(r'regex_replace("né à", r"\b(\w+)\b", r"<\1>")') == "<né> <à>"
    assert evaluate(r'regex_replace("né à", r"\b", "|")') == "|né| |à|"


def test_an_empty_match_is_one_match() -> None:
    assert evaluate(r'regex_replace(" ab ", r"\b", "|")') == " |ab| "
    assert found("éa a", r"(\b|é)a?") == ["", "éa", "", "a", ""]


ATOMS = st.sampled_from(
    [
        *(r"\w", r"\d", r"\s", r"\W", r"\D", r"\S", r"\b", r"\B", "é", "a", r"[é\d]"),
        *(r"[^\wß]", r"[\s\S]", ".", r"\.", "ß", "-", r"[^a-c]", "1", r"[\W_]"),
    ]
)
REPEATS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "+?", "*?"])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    pieces = []
    for atom in draw(st.lists(ATOMS, min_size=1, max_size=6)):
        still = atom in (r"\b", r"\B")
        piece = atom if still else atom + draw(REPEATS)
        pieces.append(f"({piece})" if not still and draw(st.booleans()) else piece)
    if draw(st.booleans()):
        pieces.insert(draw(st.integers(0, len(pieces))), "|")
    start, end = draw(st.sampled_from(["", "", "^", r"\A"])), draw(st.sampled_from(["", "", "$"]))
    return draw(st.sampled_from(["", "(?s)", "(?i)"])) + start + "".join(pieces) + end


# Python's \B does not match in an empty text (bpo-44949).
TEXTS = st.text(alphabet="aéßÉ1٣_ -.\n\x0b\u00a0e\u0301", min_size=1, max_size=12)


@given(patterns(), TEXTS)
@example(r"\b", "é")
@example(r"\B|\b", "é a")
def test_what_is_found_is_what_python_finds(pattern: str, text: str) -> None:
    expected = list(re.finditer(pattern.replace("$", r"\Z"), text))
    for first, second in pairwise(expected):
        # RE2 does not look for more where it has found nothing.
        assume(first.start() != second.start())
    # What ends at the very end leaves no mark for an empty match behind it.
    assert _to_the_end(found(text, pattern)) == _to_the_end([one.group() for one in expected])


def _to_the_end(pieces: list[str]) -> list[str]:
    return pieces[:-1] if len(pieces) > 1 and not pieces[-1] else pieces


@given(patterns(), TEXTS)
def test_replacing_each_match_by_itself_changes_nothing_else(pattern: str, text: str) -> None:
    plain = text.replace("<", "").replace(">", "")
    assert replaced(plain, pattern).replace("<", "").replace(">", "") == plain


def test_a_text_of_ascii_leaves_the_pattern_as_it_is() -> None:
    wording = word_patterns.worded(r"\b\w+\b", "plain text", lambda *_: [])
    assert (wording.pattern, wording.text) == (r"\b\w+\b", "plain text")
