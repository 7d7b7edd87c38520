"""Which files are the product's own code."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
"""The folder that our packages are in."""
ROOMS = (
    "functions",
    "layers",
    "triggers",
    "billing",
    "marketplace",
    "sandbox_runner",
    "local_emulator",
)
ENDINGS = {".py", ".json", ".sql", ".mako", ".ini"}
"""Code, and the data that packages bring along (package-data in pyproject.toml)."""


def is_ours(path: PurePosixPath) -> bool:
    """Whether a file below the root is code or data of ours, not something of an editor's."""
    return (
        path.parts[:1] != ()
        and path.parts[0] in ROOMS
        and path.suffix in ENDINGS
        and not path.name.startswith((".", "#"))
        and "__pycache__" not in path.parts
    )
