"""JSON text as the standard has it, for nodes that read what others wrote."""

from __future__ import annotations

import json
from typing import Any

from layers.contract import Json


def strict_json(text: str) -> Json:
    """Read JSON (RFC 8259), which knows no NaN; raises ValueError or RecursionError."""
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
