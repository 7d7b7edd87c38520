"""Which modules a step's code names in import statements: a hint for what to import ahead."""

from __future__ import annotations

import re
from functools import lru_cache

_IMPORT = re.compile(
    r"^[ \t]*(?:import[ \t]+([^\n#;]+)|from[ \t]+([\w.]+)[ \t]+import\b)", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_LONGEST = 200_000
_MOST = 30
# Of the standard library: what is often used, takes time to import, and does nothing by itself.
_STANDARD = """
    argparse array ast asyncio base64 binascii bisect calendar cmath collections
    collections.abc concurrent.futures configparser contextlib copy csv dataclasses datetime
    decimal difflib email email.message email.mime.text email.parser email.utils enum
    fnmatch fractions functools glob gzip hashlib heapq hmac html html.parser http.client
    inspect io itertools json logging mimetypes numbers operator pathlib pickle platform
    pprint queue random re secrets shutil socket sqlite3 ssl statistics string struct
    subprocess tempfile textwrap threading time traceback types typing unicodedata
    urllib.error urllib.parse urllib.request uuid warnings weakref xml.dom.minidom
    xml.etree.ElementTree zipfile zlib zoneinfo
"""
STANDARD = frozenset(_STANDARD.split())


@lru_cache(maxsize=512)
def named_in(code: str) -> tuple[str, ...]:
    """Return the dotted names of modules, each once, as they come; a few at most."""
    found: dict[str, None] = {}
    for match in _IMPORT.finditer(code[:_LONGEST]):
        names = [match[2]] if match[2] else match[1].split(",")
        for name in names:
            if (module := _NAME.match(name.strip())) is not None:
                found[module[0]] = None
    return tuple(found)[:_MOST]


@lru_cache(maxsize=512)
def standard(code: str) -> tuple[str, ...]:
    """Those of the standard library that are worth importing ahead."""
    return tuple(name for name in named_in(code) if name in STANDARD)


def of_layer(code: str, modules: frozenset[str]) -> tuple[str, ...]:
    """Those that begin with one of a layer's own top modules."""
    return tuple(name for name in named_in(code) if name.partition(".")[0] in modules)
