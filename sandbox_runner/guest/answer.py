"""Turns what ``run`` returned into JSON text, or says exactly where it is not JSON."""

from __future__ import annotations

from sandbox_runner.guest import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 200


class NotItems(Exception):
    """What ``run`` returned is not a list of JSON objects."""


def collect_list(value: Any, source: str = "run") -> list[dict[str, Any]]:
    """Return the value if it is a list of dicts; raises NotItems naming the offending element."""
    if not isinstance(value, list | tuple):
        hint = ""
        if isinstance(value, dict):
            hint = " Put it in a list: return [item]."
        elif value is None:
            hint = " Is a 'return' missing?"
        elif hasattr(value, "__next__"):
            hint = " Turn the generator into a list: return list(...)."
        raise NotItems(f"{source} must return a list of objects, not {named(value)}.{hint}")
    for position, element in enumerate(value):
        if not isinstance(element, dict):
            raise NotItems(
                f"{source} must return a list of objects; [{position}] is {named(element)}."
            )
    return list(value)


def collect_each(value: Any, position: int) -> list[dict[str, Any]]:
    """Return what ``run(item)`` gave for one item: an object, a list of objects, or nothing."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list | tuple):
        return collect_list(value, f"run for item {position}")
    raise NotItems(
        f"run must return an object, a list of objects or None for each item; "
        f"for item {position} it returned {named(value)}."
    )


def encode(items: list[dict[str, Any]]) -> bytes:
    """Write items as JSON text; raises NotItems naming the path of what JSON cannot hold."""
    try:
        return jsontext.dumps(items).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotItems(_reason(items) or f"The result cannot be written as JSON: {error}") from None


def named(value: Any) -> str:
    """Name a value's type as a person would say it."""
    if value is None:
        return "None"
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return f"{article} {name}"


def _reason(items: Any) -> str | None:
    # Walks with its own stack: the value may be deeper than Python's recursion limit.
    stack: list[tuple[str, Any, int]] = [("", items, 0)]
    while stack:
        path, value, depth = stack.pop()
        if depth > DEEPEST:
            return f"The result is nested deeper than {DEEPEST} levels (or holds itself) at {path}."
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str | int | float | bool | None):
                    return f"A key at {path or 'the top'} is {named(key)}; JSON keys are text."
            stack += [(f"{path}.{key}", child, depth + 1) for key, child in value.items()]
        elif isinstance(value, list | tuple):
            stack += [(f"{path}[{n}]", child, depth + 1) for n, child in enumerate(value)]
        elif (problem := _scalar_problem(value)) is not None:
            return f"The result is not JSON at {path}: {problem}"
    return None


def _scalar_problem(value: Any) -> str | None:
    if value is None or isinstance(value, bool | int):
        return None
    if isinstance(value, float):
        if value - value == 0:
            return None
        return f"{value!r} is no JSON number. Use None instead."
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "the text holds a lone surrogate, which UTF-8 cannot hold."
        return None
    if hasattr(value, "isoformat"):
        return f"{named(value)}. Use value.isoformat()."
    if isinstance(value, bytes | bytearray):
        return f"{named(value)}. Decode it to text, or use base64."
    if isinstance(value, set | frozenset):
        return f"{named(value)}. Use sorted(value) or list(value)."
    return f"{named(value)}. Use objects, lists, text, numbers, true, false and null."
