"""Character sets by name: only those that people send, and that decode in linear time.

Python knows codecs that are no character sets of the web (``idna``, ``unicode_escape``) or that
take quadratic time (``punycode``), so a sender's name is looked up in a list of our own.
"""

from __future__ import annotations

import codecs
from encodings.aliases import aliases
from typing import Literal

LARGE = 64 * 1024
"""From this many bytes on, what is called from an event loop belongs into a thread."""
_PIECE = 1024 * 1024

_ALLOWED = (
    *("utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "ascii"),
    "latin_1",
    *(f"iso8859_{part}" for part in (*range(2, 12), *range(13, 17))),
    *(f"cp125{part}" for part in range(9)),
    *("cp437", "cp850", "cp852", "cp855", "cp866", "cp874", "tis_620", "koi8_r", "koi8_u"),
    *("mac_roman", "mac_cyrillic", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr"),
    *("cp949", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp950"),
)
# Labels of the WHATWG Encoding Standard that Python does not know.
_LABELS = {
    "unicode_1_1_utf_8": "utf_8",
    "x_sjis": "cp932",
    "x_euc_jp": "euc_jp",
    "x_gbk": "gbk",
    "x_x_big5": "big5",
    "x_mac_roman": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    **{f"x_cp125{part}": f"cp125{part}" for part in range(9)},
    **{f"windows_125{part}": f"cp125{part}" for part in range(9)},
}
_MARKS = (
    # UTF-32's mark for little-endian text begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)


class UnknownCharset(ValueError):
    """The character set is not one that Treadle reads or writes."""


class NotInCharset(ValueError):
    """The bytes are no text of the character set, or the text has letters that it lacks."""


def find(charset: str) -> str:
    """Python's name for a character set; raises UnknownCharset."""
    try:
        return _CODECS[_spelled(charset)]
    except KeyError:
        raise UnknownCharset(
            f"The character set {charset[:60]!r} is not known here; send UTF-8."
        ) from None


def marked(content: bytes) -> tuple[str | None, int]:
    """The codec that a byte order mark announces and the mark's length; (None, 0) without one."""
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return codec, len(mark)
    return None, 0


def decode(
    content: bytes, charset: str | None, *, errors: Literal["strict", "replace"] = "strict"
) -> str:
    """Turn bytes into text; without a charset they are UTF-8.

    A byte order mark goes before the name and is no part of the text (WHATWG Encoding, section
    6). Raises UnknownCharset, and NotInCharset unless ``errors`` is ``replace``.
    """
    codec, length = marked(content)
    if codec is None:
        codec = find(charset or "utf-8")
        # Two bytes a letter without a mark are little-endian on the web (WHATWG Encoding).
        codec = {"utf_16": "utf_16_le", "utf_32": "utf_32_le"}.get(codec, codec)
    try:
        if len(content) > _PIECE:
            return _in_pieces(content, length, codec, errors)
        return content[length:].decode(codec, errors)
    except UnicodeError as error:
        place = f" at byte {error.start + length}" if isinstance(error, UnicodeDecodeError) else ""
        raise NotInCharset(
            f"Not text in the character set {charset or codec.replace('_', '-')!r}: it breaks"
            f"{place}. Name the one that it is written in, or send UTF-8."
        ) from error


def _in_pieces(content: bytes, start: int, codec: str, errors: Literal["strict", "replace"]) -> str:
    """Decode a long text bit by bit: nothing else in the process can go on during one of them."""
    stream = codecs.getincrementaldecoder(codec)(errors)
    texts = []
    for place in range(start, len(content), _PIECE):
        piece, end = content[place : place + _PIECE], place + _PIECE
        try:
            texts.append(stream.decode(piece, final=end >= len(content)))
        except UnicodeDecodeError as error:
            # What was left over of the piece before stands at the beginning of its bytes.
            error.start += place - start - (len(error.object) - len(piece))
            raise
    return "".join(texts)


def encode(text: str, charset: str) -> bytes:
    """Turn text into bytes; raises UnknownCharset, or NotInCharset naming the first letter."""
    try:
        return text.encode(find(charset))
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise NotInCharset(
            f"The character set {charset!r} has no {letter!r} (U+{ord(letter):04X}, letter "
            f"{error.start + 1}); use UTF-8, or replace that letter."
        ) from error


def _spelled(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_").replace(":", "_")


def _table() -> dict[str, str]:
    table = {name: name for name in _ALLOWED}
    for alias, codec in aliases.items():
        if codec in table:
            table[_spelled(alias)] = codec
    # Dots and doubled underlines are spelled in several ways, and "utf8" without its hyphen.
    table |= {name.replace("_", ""): codec for name, codec in table.items()}
    return table | _LABELS


_CODECS = _table()
