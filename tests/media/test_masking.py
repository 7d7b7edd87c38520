"""A secret that comes back is blanked in every usual spelling, however it is cut into pieces."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as some

from layers.media.masking import Masker, spellings

SECRET = "Sup3r/Secret+Token<'x'> ü&1"
RAW = SECRET.encode()
WRITTEN = {
    "plain": SECRET,
    "in a sentence": f"the token '{SECRET}' is wrong",
    "in a path": quote(SECRET, safe=""),
    "in a path with slashes": quote(SECRET),
    "in a form": quote_plus(SECRET),
    "in a path, small": quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b")
    .replace("%3C", "%3c").replace("%3E", "%3e").replace("%C3%BC", "%c3%bc"),
    "in JSON": json.dumps({"t": SECRET}),
    "in JSON of letters": json.dumps({"t": SECRET}, ensure_ascii=False),
    "in JSON of PHP": json.dumps({"t": SECRET}).replace("/", "\\/"),
    "in JSON in JSON": json.dumps({"body": json.dumps({"t": SECRET})}),
    "in HTML": html.escape(SECRET),
    "in HTML of others": html.escape(SECRET).replace("&#x27;", "&#39;"),
    "in HTML's text": html.escape(SECRET, quote=False),
    "in hexadecimal": RAW.hex(),
    "in large hexadecimal": RAW.hex().upper(),
    "backwards": SECRET[::-1],
}  # fmt: skip
# What of a base64 text is not the secret's alone: up to three characters at either end.
EDGE = 3


@pytest.mark.parametrize("how", WRITTEN)
def test_each_spelling_is_blanked_in_texts_values_and_streams(how: str) -> None:
    text = WRITTEN[how]
    masker = Masker([SECRET], mark="•••")
    assert masker.text(text).replace("•••", "") in (text.replace(form, "") for form in forms())
    assert "•••" in masker.json({"a": [text], text: 1})["a"][0]
    assert text not in masker.json({text: 1})
    hidden = masker.content(text.encode())
    assert len(hidden) == len(text.encode())
    assert b"*" in hidden
    assert hidden.strip(b"*") != text.encode()


def forms() -> tuple[str, ...]:
    return spellings(SECRET)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "a", "Bearer ", "user:", "12345678"])
@pytest.mark.parametrize("after", ["", "!", "-more", '"}'])
def test_base64_is_blanked_wherever_the_secret_begins_in_it(
    before: str, after: str, encode: type[base64.b64encode]
) -> None:
    text = encode(f"{before}{SECRET}{after}".encode()).decode()
    shown = Masker([SECRET]).text(text)
    assert len(shown) == len(text)
    start, end = len(before) * 8 // 6, -(-(len(before) + len(RAW)) * 8 // 6)
    seen = shown[start:end].replace("*", "")
    assert len(seen) <= 2, "but for the two letters that it shares with its neighbours"


@given(
    some.lists(some.text(alphabet="ab/+ü", min_size=4, max_size=12), min_size=1, max_size=3),
    some.lists(some.text(alphabet="ab/+ü", max_size=8), max_size=12),
    some.integers(1, 5),
)
def test_pieces_of_any_size_hide_what_the_whole_hides(
    secrets: list[str], parts: list[str], size: int
) -> None:
    data = (secrets[0].join(parts) + secrets[-1]).encode()
    masker = Masker(secrets)
    stream = masker.stream()
    pieces = [stream.hide(data[at : at + size]) for at in range(0, len(data), size)]
    hidden = b"".join(pieces) + stream.rest()
    assert len(hidden) == len(data)
    for secret in secrets:
        assert secret.encode() not in hidden
    for seen, there in zip(hidden, data, strict=True):
        assert seen in (there, ord("*"))


def test_a_secret_that_begins_as_another_does_not_uncover_its_end() -> None:
    stream = Masker(["token", "token-and-more"]).stream()
    shown = stream.hide(b"a token") + stream.hide(b"-and-more b") + stream.rest()
    assert shown == b"a " + b"*" * 14 + b" b"


def test_what_is_no_secret_is_left_as_it_is() -> None:
    masker = Masker([SECRET, "abc"])
    value = {"n": 12.5, "t": True, "z": None, "l": ["abc", SECRET[:-1]]}
    assert masker.json(value) == value
    assert spellings("abc") == ()
    assert not Masker(["abc"])
    assert Masker([]).content(b"abc") == b"abc"


def test_a_number_that_holds_the_secret_becomes_a_text() -> None:
    assert Masker(["123456"]).json({"n": 9123456}) == {"n": "9******"}


def test_one_letter_many_times_costs_no_more_than_others() -> None:
    # Each place could be the secret's beginning; looked at one by one this would take hours.
    secret = "a" * 20_000
    stream = Masker([secret]).stream()
    shown = b"".join(stream.hide(b"a" * 1000) for _ in range(100)) + stream.rest()
    assert len(shown) == 100_000
    assert b"a" * 20_000 not in shown


def test_an_old_charset_hides_nothing() -> None:
    assert "pässwörd".encode("latin-1") not in Masker(["pässwörd"]).content(
        "x pässwörd y".encode("latin-1")
    )


@pytest.mark.parametrize(
    ("secret", "value", "shown"),
    [
        ('a"b\\c', {'x a"b\\c': ['a"b\\c']}, {"x •": ["•"]}),
        ("nabcd", {"a": "\nabcd", "b": "nabcd"}, {"a": "\nabcd", "b": "•"}),
        ("1,2,3", {"a": [1, 2, 3], "b": "1,2,3"}, {"a": [1, 2, 3], "b": "•"}),
        ("true", {"a": True, "b": "true"}, {"a": True, "b": "•"}),
        ("4711", {"a": 147118, "b": [47.11, 4711], "c": 2**70}, {"a": "1•8", "b": [47.11, "•"]}),
        ("ünïc", {"ünïc": "ü"}, {"•": "ü"}),
        ("secret", [1, 2.5, None, True, 2**70, "x"], [1, 2.5, None, True, 2**70, "x"]),
    ],
    ids=["escapes", "half an escape", "list", "word", "numbers", "letters", "nothing"],
)
def test_values_are_blanked_one_by_one_although_their_text_is_looked_at(
    secret: str, value: Any, shown: Any
) -> None:
    found = Masker([secret], "•").json(value)
    if isinstance(shown, dict) and "c" in value:
        assert found.pop("c") == 2**70
    assert found == shown


def test_deep_values_are_blanked_too() -> None:
    value: Any = "my secret-of-mine"
    for _ in range(3000):
        value = [value]
    found = Masker(["secret-of-mine"], "•").json(value)
    while isinstance(found, list):
        (found,) = found
    assert found == "my •"
