"""JSON of others is read whole: marks, encodings, halves of characters, long numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import jsontext
from layers.jsontext import InvalidJson
from layers.media import json_text
from layers.media.charsets import NotInCharset, UnknownCharset


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_are_no_part_of_the_text(encoding: str) -> None:
    assert json_text.read('{"a":"Zoë"}'.encode(encoding)) == {"a": "Zoë"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("charset", [None, "utf-8"])
def test_encodings_show_in_the_first_bytes(encoding: str, charset: str | None) -> None:
    assert json_text.read('{"a":"Zoë"}'.encode(encoding), charset) == {"a": "Zoë"}
    assert json_text.read("7".encode(encoding)) == 7


def test_the_declared_charset_is_used() -> None:
    content = '{"n":"Zoë €"}'.encode("iso-8859-15")
    assert json_text.read(content, "ISO-8859-15") == {"n": "Zoë €"}
    with pytest.raises(NotInCharset):
        json_text.read(content)
    with pytest.raises(UnknownCharset):
        json_text.read(content, "punycode")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'{"t":"Party \ud83c"}', {"t": "Party �"}),
        (r'"\udf89 x"', "� x"),
        (r'"\ud83c\udf89"', "🎉"),
        (r'"\\ud83c"', r"\ud83c"),
        (r'"\\\ud83c"', "\\�"),
        (r'"\uD83C\uD83C\uDF89"', "�🎉"),
        (r'{"\ud83c": 12345678901234567890123}', {"�": 12345678901234567890123}),
    ],
)
def test_half_characters_become_the_replacement_character(text: str, value: object) -> None:
    assert json_text.read(text) == value
    assert json_text.read(text.encode()) == value


def test_a_half_character_in_a_text_is_replaced_too() -> None:
    assert json_text.read('"\ud83c"') == "�"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [('{"n": 1, "f": 1e400}', "/f"), ('[{"a/b": [0, -1e999]}]', "/0/a~1b/1"), ("1e400", "the top")],
)
def test_a_number_that_none_can_hold_is_named_with_its_place(text: str, pointer: str) -> None:
    with pytest.raises(InvalidJson, match=pointer):
        json_text.read(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "", " ", "{", "[1,]", "'a'"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson):
        json_text.read(text)


@pytest.mark.parametrize("digits", [1, 19, 20, 21, 400, 4000])
def test_integers_are_exact_and_stay_so(digits: int) -> None:
    number = int("9" * digits)
    for value in (number, -number, [number, {"a": number}]):
        read = json_text.read(json.dumps(value))
        assert read == value
        assert jsontext.loads(jsontext.dumps(read)) == value


def test_integers_of_too_many_digits_are_refused() -> None:
    with pytest.raises(InvalidJson):
        json_text.read("9" * 5000)


def test_what_nobody_can_write_again_is_not_read_beside_a_long_number() -> None:
    for text in (r'["\ud83c", 123456789012345678901]', "[1e400, 123456789012345678901]"):
        with pytest.raises(InvalidJson):
            jsontext.loads(text)
    with pytest.raises(InvalidJson, match="depth limit"):
        jsontext.loads("[" + ("1" * 20 + ",[") * 100_000)


def test_lines_are_values() -> None:
    assert json_text.read_lines(b'{"a":1}\n\r\n{"a":2}\r\n') == [{"a": 1}, {"a": 2}]
    assert json_text.read_lines('\ufeff"x"') == ["x"]
    with pytest.raises(InvalidJson, match="Line 2"):
        json_text.read_lines("1\n{")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_what_was_written_by_anybody_is_read_as_it_is(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32-le"):
            try:
                content = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            assert json_text.read(content) == json_text.read(text)
