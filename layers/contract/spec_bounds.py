"""How large a spec may be, and what its schema may do: specs come from people nobody knows.

What reads a schema follows its references and choices. So what a schema would be with all of them
written out is measured without writing them out, and a circle among them is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from layers.contract.spec import NodeSpec, TriggerSpec

LONGEST: Mapping[str, int] = {
    "type": 100,
    "title": 100,
    "category": 60,
    "summary": 500,
    "docs": 100_000,
    "icon": 20_000,
}
"""Characters of a spec's texts."""
MOST: Mapping[str, int] = {"inputs": 50, "outputs": 50, "slots": 20, "hosts": 100, "options": 100}
"""Elements of a spec's lists."""
LONGEST_NAME = 253
MOST_PARAMETERS = 200
MOST_VALUES = 10_000
"""So many parts a schema may have, references and choices written out."""
DEEPEST = 40
SCHEMA_BYTES = 256 << 10
SAMPLE_BYTES = 64 << 10
LONGEST_TEXTS: Mapping[str, int] = {"title": 200, "description": 5_000, "pattern": 1_000}
"""Characters of a parameter's texts."""
MOST_CHOICES = 1_000


def check_bounds(spec: NodeSpec | TriggerSpec) -> None:
    """Raise ValueError, which names the type and the part, for a spec that is none to work with."""
    for mistake in _mistakes(spec):
        raise ValueError(f"{spec.type[: LONGEST['type']]}: {mistake}.")


def _mistakes(spec: NodeSpec | TriggerSpec) -> Iterator[str]:
    if not spec.type:
        yield "it has no 'type'"
    if spec.version < 1:
        yield "'version' must be at least 1"
    for name, most in LONGEST.items():
        if len(getattr(spec, name)) > most:
            yield f"{name!r} may have at most {most:,} characters"
    for name, most in MOST.items():
        listed = getattr(spec, name, ())
        if len(listed) > most:
            yield f"{name!r} may have at most {most} elements"
        if any(isinstance(one, str) and len(one) > LONGEST_NAME for one in listed):
            yield f"an element of {name!r} may have at most {LONGEST_NAME} characters"
    sample = spec.sample
    example = [sample.params, sample.items, sample.outputs, sample.inputs]
    if _is_larger(example, SAMPLE_BYTES):
        yield f"'sample' may have at most {SAMPLE_BYTES >> 10} KiB"
    yield from _schema_mistakes(spec.params_schema)


def _schema_mistakes(schema: dict[str, Any]) -> Iterator[str]:
    if _is_larger(schema, SCHEMA_BYTES):
        yield f"'params_schema' may have at most {SCHEMA_BYTES >> 10} KiB"
        return
    named = schema.get("properties", {})
    if not isinstance(named, dict):
        yield "'properties' of 'params_schema' must be an object"
    elif len(named) > MOST_PARAMETERS:
        yield f"'params_schema' may have at most {MOST_PARAMETERS} parameters"
    try:
        parts = _Measure(schema).of(schema).parts
    except ValueError as mistake:
        yield str(mistake)
        return
    if parts > MOST_VALUES:
        yield (
            f"'params_schema' may have at most {MOST_VALUES:,} parts, and has {parts:,} with all "
            "references and choices written out"
        )


class Size(NamedTuple):
    """How many parts there are, and how many levels of them."""

    parts: int
    levels: int


class _Measure:
    """Measures a schema as if each reference were what it refers to."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._known: dict[str, Size] = {}
        self._open: set[str] = set()

    def of(self, value: Any, depth: int = 0) -> Size:
        """The size of a value; raises ValueError for a circle, and for what is too deep."""
        _check_depth(depth)
        if isinstance(value, list):
            return _around([self.of(one, depth + 1) for one in value])
        if not isinstance(value, dict):
            return Size(1, 1)
        _check_texts(value)
        return _around(
            [
                self._referred(one, depth + 1) if name == "$ref" else self.of(one, depth + 1)
                for name, one in value.items()
            ]
        )

    def _referred(self, ref: Any, depth: int) -> Size:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise ValueError(
                f"'params_schema' may refer to its own parts only ('#/$defs/…'), not to {ref!r:.99}"
            )
        if ref in self._open:
            raise ValueError(f"'params_schema' refers to itself, in a circle by {ref[:99]!r}")
        if ref not in self._known:
            self._open.add(ref)
            self._known[ref] = self.of(self._target(ref), depth)
            self._open.discard(ref)
        _check_depth(depth + self._known[ref].levels)
        return self._known[ref]

    def _target(self, ref: str) -> dict[str, Any]:
        target: Any = self._root
        for step in ref.removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        if isinstance(target, dict):
            return target
        raise ValueError(f"'params_schema' refers to {ref[:99]!r}, which it does not have")


def _around(inner: Sequence[Size]) -> Size:
    parts, levels = sum(one.parts for one in inner), max((one.levels for one in inner), default=0)
    return Size(parts + 1, levels + 1)


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"'params_schema' may be at most {DEEPEST} levels deep")


def _check_texts(schema: dict[str, Any]) -> None:
    for name, most in LONGEST_TEXTS.items():
        text = schema.get(name)
        if isinstance(text, str) and len(text) > most:
            raise ValueError(f"a {name!r} in 'params_schema' may have at most {most:,} characters")
    choices = schema.get("enum")
    if isinstance(choices, list) and len(choices) > MOST_CHOICES:
        raise ValueError(f"an 'enum' in 'params_schema' may have at most {MOST_CHOICES:,} values")


def _is_larger(value: object, most: int) -> bool:
    try:
        return len(json.dumps(value)) > most
    except (RecursionError, TypeError, ValueError):
        return True
