"""What the environment is asked for beside settings: to hand it on, and about colours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO


def environment_with(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``values`` in their place, for a process to be started."""
    return {**os.environ, **values}


def become(values: Mapping[str, str]) -> None:
    """Make ``values`` the whole environment of this process."""
    os.environ.clear()
    os.environ.update(values)


def colours_wanted(stream: IO[str]) -> bool:
    """Whether to colour what goes to ``stream``: a terminal, and no NO_COLOR (no-color.org)."""
    return not no_color() and stream.isatty()


def no_color() -> bool:
    """Whether the person asked for plain text."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
