"""Prints items to standard output: as JSON for programs, indented for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def print_items(items: Sequence[Any], *, as_json: bool) -> None:
    """Print a list of items; with ``as_json`` as one line."""
    if as_json:
        print(json.dumps(list(items), separators=(",", ":"), ensure_ascii=False))
        return
    for item in items:
        print(json.dumps(item, indent=2, ensure_ascii=False))
