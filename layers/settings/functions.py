"""Which function a process serves when it serves one alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from layers.errors import SetupError

NAME = "TREADLE_FUNCTION"


@dataclass(frozen=True)
class FunctionSettings:
    """The name of the function, as ``treadle functions list`` gives it."""

    name: str


def load_function_settings(environment: Mapping[str, str] | None = None) -> FunctionSettings:
    """Read which function to serve; raises SetupError when none is named."""
    env = os.environ if environment is None else environment
    name = env.get(NAME, "")
    if not name:
        raise SetupError(f"{NAME} is not set: name a function of 'treadle functions list' in it.")
    return FunctionSettings(name)
