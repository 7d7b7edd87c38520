"""Which character set a text is in, where the standards of its kind say so themselves."""

from __future__ import annotations

import re

from layers.media import charsets

# WHATWG HTML section 13.2.3.2: a declaration stands within the first 1024 bytes.
_PRESCAN = 1024
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_META = re.compile(rb"<meta[\s/][^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_WIDE = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))


def charset_of_text(content: bytes, kind: str, named: str | None) -> str | None:
    """The charset of a text of this media type; None where nothing says it, which means UTF-8.

    A byte order mark goes before all, then what Content-Type names (``named``), then the text's
    own declaration: ``<meta charset>`` of HTML, ``<?xml encoding?>`` of XML (RFC 7303 section 3).
    Names that are not known here are passed over.
    """
    if charsets.marked(content)[0] is not None:
        return None
    found = _known(named)
    if kind == "text/html":
        # What web pages call Latin-1 or ASCII is windows-1252 (WHATWG Encoding section 4.2).
        found = found or _declared_by_html(content)
        return "windows-1252" if found and charsets.find(found) in ("latin_1", "ascii") else found
    if found is None and (kind.endswith(("/xml", "+xml")) or content.lstrip()[:5] == b"<?xml"):
        return _declared_by_xml(content)
    return found


def _declared_by_html(content: bytes) -> str | None:
    match = _META.search(_COMMENT.sub(b"", content[:_PRESCAN]))
    # What is read byte by byte as far as here cannot be UTF-16, whatever it says.
    return None if match is None else _narrow(match[1])


def _declared_by_xml(content: bytes) -> str | None:
    for beginning, charset in _WIDE:
        if content.startswith(beginning):
            return charset
    match = _XML.match(content[:_PRESCAN].lstrip())
    return None if match is None else _narrow(match[1])


def _narrow(name: bytes) -> str | None:
    found = _known(name.decode("ascii", "replace"))
    if found is not None and charsets.find(found).startswith(("utf_16", "utf_32")):
        return "utf-8"
    return found


def _known(name: str | None) -> str | None:
    if not name:
        return None
    try:
        charsets.find(name)
    except charsets.UnknownCharset:
        return None
    return name
