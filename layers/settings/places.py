"""Where things are that come with Treadle: in a clone of the repository, or as a wheel put them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ABOVE = Path(__file__).resolve().parents[2]
IS_CLONE = (_ABOVE / "pyproject.toml").is_file()
"""Whether this runs from a clone of the repository, whose set-up has tools of its own."""
WEB_DIST = _ABOVE / "web" / "dist" if IS_CLONE else _ABOVE / "functions" / "browser_app"
"""The built browser app."""


def _sandbox() -> Path:
    if IS_CLONE:
        return _ABOVE / ".sandbox"
    # A virtual environment is one's own to write into, and takes what it needs with it.
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix) / "share" / "treadle" / "sandbox"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "treadle" / "sandbox"


SANDBOX = _sandbox()
"""Where ``treadle setup`` puts what sandboxes are made of: runsc, a Python root, and uv."""
