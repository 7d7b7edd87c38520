"""Whether what a declaration tells forms can be meant so: checked when the type is declared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from layers.contract.params import Hint, Params, Widget

WIDGETS = {widget.value for widget in Widget}
HINTS = {hint.value for hint in Hint}


def check_hints(kind: str, params: type[Params], options: Collection[str]) -> None:
    """Raise ValueError, which names type and parameter, for a hint that no form understands.

    ``options`` are the names of the lists that the type can be asked for. Read from the fields
    alone: making the JSON Schema of every type would cost each start more than the rest of it.
    """
    shared = _names(params)
    for model in _models(params, set()):
        known = shared | _names(model)
        for name, field in model.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, Mapping):
                for mistake in _mistakes(extra, known, options):
                    raise ValueError(f"{kind}: the parameter {name!r} {mistake}.")


def _mistakes(
    extra: Mapping[str, Any], known: Collection[str], options: Collection[str]
) -> Iterator[str]:
    for hint in extra:
        if hint.startswith("x-") and hint not in HINTS:
            yield f"has the hint {hint!r}, but there are {_listed(HINTS)}"
    widget = extra.get(Hint.WIDGET)
    if widget is not None and widget not in WIDGETS:
        yield f"has the widget {widget!r}, but there are {_listed(WIDGETS)}"
    for hint in (Hint.SHOW_WHEN, Hint.DEPENDS_ON):
        for other in extra.get(hint) or ():
            if other not in known:
                yield f"names {other!r} in {hint.value!r}, but there are {_listed(known)}"
    listed = extra.get(Hint.OPTIONS)
    if listed is not None and listed not in options:
        yield (
            f"is chosen from the list {listed!r}, but the type's 'options' has "
            f"{_listed(options) or 'none'}"
        )


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _names(model: type[Params]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _models(annotation: Any, seen: set[Any]) -> Iterator[type[Params]]:
    """All parameter models that an annotation is made of, each once."""
    if isinstance(annotation, type) and issubclass(annotation, Params):
        if annotation not in seen:
            seen.add(annotation)
            yield annotation
            for field in annotation.model_fields.values():
                yield from _models(field.annotation, seen)
        return
    for inner in get_args(annotation):
        yield from _models(inner, seen)
