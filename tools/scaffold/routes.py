"""Puts a new group of endpoints among the others in ``functions/main.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FIRST_IMPORT = "from functions.http import openapi\n"
TABLE = "GROUPS: dict[str, APIRouter] = {\n"


def register(main: Path, area: str, module: str) -> None:
    """Import the module and add its router, last: earlier routes win where both would fit."""
    text = main.read_text()
    start = text.index(TABLE)
    end = text.index("\n}\n", start) + 1
    name = module.rstrip("_").replace("_", "-")
    text = f'{text[:end]}    "{name}": {module}.router,\n{text[end:]}'
    wanted = f"from functions.http.{area} import {module}\n"
    main.write_text(text.replace(FIRST_IMPORT, FIRST_IMPORT + wanted, 1))
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", str(main)], check=True)
