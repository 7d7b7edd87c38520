"""The name that a file is saved under: Content-Disposition (RFC 6266) with names in any letters."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_BARE = re.compile(r"\s*(inline|attachment)\s*", re.IGNORECASE)
_NOT_PLAIN = re.compile(r'[^\x20-\x7e]|["\\\\%/;]')
_ATTR_CHAR = "!#$&+-.^_`|~"
LONGEST = 200


def disposition(name: str, header: str | None = None) -> str:
    """The header for a file of this name.

    ``header`` is the author's own header: ``inline`` or ``attachment`` by itself gets the name,
    anything else stays as it is. Without one the file is shown where a browser can.
    """
    bare = _BARE.fullmatch(header) if header else None
    if header and bare is None:
        return header
    kind = bare[1].lower() if bare else "inline"
    # Folders are none of the receiver's business, and control characters no part of a name.
    last = re.split(r"[/\\\\]", name)[-1]
    clean = "".join(one for one in last if one.isprintable()).strip()[:LONGEST]
    if not clean:
        return kind
    ascii_only = unicodedata.normalize("NFKD", clean).encode("ascii", "ignore").decode()
    plain = _NOT_PLAIN.sub("_", ascii_only) or "file"
    named = f'{kind}; filename="{plain}"'
    if plain == clean:
        return named
    # Those that know RFC 8187 take the second name; the first is for all others.
    return f"{named}; filename*=UTF-8''{quote(clean, safe=_ATTR_CHAR)}"
