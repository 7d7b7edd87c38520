"""What one run may use: defaults, bounds, and how they are read from a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.errors import FieldError

# Each limit's smallest and largest value; requests outside are refused, never silently changed.
_BOUNDS: dict[str, tuple[int, int]] = {
    "timeout_s": (1, 900),
    "cpu_s": (1, 900),
    "memory_mb": (16, 4096),
    "output_bytes": (2, 64 << 20),
    "log_bytes": (0, 4 << 20),
    "processes": (1, 256),
    "tmp_mb": (1, 1024),
    "tmp_files": (10, 1_000_000),
    "open_files": (16, 1024),
    "file_bytes": (0, 256 << 20),
    "file_count": (0, 1000),
    "depth": (1, 200),
}


@dataclass(frozen=True)
class Limits:
    """The bounds of one run; seconds, mebibytes and bytes as the names say."""

    timeout_s: float = 10
    cpu_s: int = 10
    memory_mb: int = 256
    output_bytes: int = 4 << 20
    log_bytes: int = 64 << 10
    processes: int = 32
    tmp_mb: int = 64
    tmp_files: int = 10_000
    open_files: int = 256
    file_bytes: int = 32 << 20
    file_count: int = 50
    depth: int = 64


def read_limits(given: Any, mistakes: list[FieldError]) -> Limits:
    """Read the limits of a request; what is wrong is added to ``mistakes``."""
    if given is None:
        return Limits()
    if not isinstance(given, Mapping):
        mistakes.append(FieldError("/limits", "must be an object"))
        return Limits()
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _BOUNDS:
            known = ", ".join(_BOUNDS)
            mistakes.append(FieldError(f"/limits/{name}", f"is not a limit; known: {known}"))
        elif value is not None and (problem := _problem(name, value)) is None:
            values[name] = value
        elif value is not None:
            mistakes.append(FieldError(f"/limits/{name}", str(problem)))
    return Limits(**values)


def _problem(name: str, value: Any) -> str | None:
    low, high = _BOUNDS[name]
    fractional = name == "timeout_s"
    allowed = (int, float) if fractional else (int,)
    if isinstance(value, bool) or not isinstance(value, allowed):
        return "must be a number" if fractional else "must be a whole number"
    if not (0.1 if fractional else low) <= value <= high:
        return f"must be between {low} and {high}"
    return None


def as_header(limits: Limits) -> dict[str, Any]:
    """Return the limits as the guest reads them."""
    return dict(vars(limits))
