"""Character sets come from a list; a byte order mark goes before a name."""

import codecs

import pytest

from layers.media import charsets


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        (None, b"Zo\xc3\xab", "Zoë"),
        ("UTF8", b"Zo\xc3\xab", "Zoë"),
        ("utf-8", b"\xef\xbb\xbfZo\xc3\xab", "Zoë"),
        ("ISO-8859-1", b"Zo\xeb", "Zoë"),
        ("latin1", b"Zo\xeb", "Zoë"),
        ("ISO-8859-15", b"\xa4", "€"),
        ("iso8859_15", b"\xa4", "€"),
        ("windows-1252", b"\x80", "€"),
        ("x-cp1252", b"\x80", "€"),
        ("utf-16", "Zoë".encode("utf-16"), "Zoë"),
        ("utf-16", "Zoë".encode("utf-16-le"), "Zoë"),
        ("utf-16be", "Zoë".encode("utf-16-be"), "Zoë"),
        ("iso-8859-1", "Zoë".encode("utf-16"), "Zoë"),
        ("utf-32", "Zoë".encode("utf-32"), "Zoë"),
        ("shift_jis", "日本".encode("shift_jis"), "日本"),
        ("Shift-JIS", "日本".encode("shift_jis"), "日本"),
        ("x-sjis", "日本".encode("shift_jis"), "日本"),
        ("euc-jp", "日本".encode("euc-jp"), "日本"),
        ("ISO-2022-JP", "日本".encode("iso2022_jp"), "日本"),
        ("gb2312", "中".encode("gb2312"), "中"),
        ("GB18030", "中".encode("gb18030"), "中"),
        ("big5", "中".encode("big5"), "中"),
        ("euc-kr", "한".encode("euc-kr"), "한"),
        ("koi8-r", "Я".encode("koi8-r"), "Я"),
        ("us-ascii", b"a", "a"),
    ],
)
def test_bytes_become_text(charset: str | None, content: bytes, text: str) -> None:
    assert charsets.decode(content, charset) == text


@pytest.mark.parametrize(
    "charset",
    [
        *("punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"),
        *("rot13", "base64", "zlib", "hex", "mbcs", "oem", "quopri", "utf-8-x", "../x", ""),
        "a" * 5000,
    ],
)
def test_what_is_no_character_set_of_the_web_is_refused(charset: str) -> None:
    with pytest.raises(charsets.UnknownCharset):
        charsets.find(charset)


def test_refused_names_are_not_looked_up_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(_name: str) -> codecs.CodecInfo:
        raise AssertionError("Python keeps each name that it was ever asked for.")

    monkeypatch.setattr(codecs, "lookup", lookup)
    with pytest.raises(charsets.UnknownCharset):
        charsets.decode(b"a", "x-made-up")


def test_bytes_of_another_charset_are_refused_with_their_place() -> None:
    with pytest.raises(charsets.NotInCharset, match="at byte 2"):
        charsets.decode(b"Zo\xeb", "utf-8")
    with pytest.raises(charsets.NotInCharset):
        charsets.decode(b"\xd8\x00\x00", "utf-16-be")
    assert charsets.decode(b"Zo\xeb", None, errors="replace") == "Zo�"


def test_a_letter_that_a_charset_lacks_is_named() -> None:
    assert charsets.encode("Zoë", "iso-8859-1") == b"Zo\xeb"
    with pytest.raises(charsets.NotInCharset, match=r"U\+20AC, letter 3"):
        charsets.encode("a €", "iso-8859-1")


def test_every_charset_of_the_list_is_there_and_reads_what_it_writes() -> None:
    for codec in set(charsets._CODECS.values()):
        assert charsets.decode(charsets.encode("abc 123", codec), codec) == "abc 123"
