"""Parameters of nodes and triggers: their base, and the fields that a form is drawn from.

Whatever a form needs beyond JSON Schema goes through ``Parameter``, so that a misspelt hint is a
type error and not a form that silently lacks something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypedDict, Unpack

from pydantic import BaseModel, ConfigDict, Field

from layers.contract.item import Json


class Params(BaseModel):
    """The base of every parameter model: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class Widget(StrEnum):
    """How a form shows a parameter, where its type does not say it."""

    CODE = "code"
    CRON = "cron"
    KEYVALUE = "keyvalue"
    SELECT = "select"
    TEXTAREA = "textarea"


class Hint(StrEnum):
    """Every name that a parameter's schema may hold besides those of JSON Schema."""

    COLLECTION = "x-collection"
    DEPENDS_ON = "x-depends-on"
    INPUT = "x-input"
    """Set by the types ``Template``, ``Expression`` and ``Locator``; not for authors."""
    LOCATOR = "x-locator"
    """Set by ``Ways``; not for authors."""
    LANGUAGE = "x-language"
    OPTIONS = "x-options"
    PLACEHOLDER = "x-placeholder"
    SHOW_WHEN = "x-show-when"
    SUGGESTIONS = "x-suggestions"
    WIDGET = "x-widget"


class Limits(TypedDict, total=False):
    """What pydantic's ``Field`` takes to bound a value, or to name it otherwise."""

    alias: str
    default_factory: Callable[[], Any]
    ge: float
    gt: float
    le: float
    lt: float
    max_length: int
    min_length: int
    multiple_of: float
    pattern: str
    validate_default: bool


def Parameter(  # noqa: N802, PLR0913 - as Field: no parameter is ever called so
    default: Any = ...,
    *,
    title: str,
    description: str,
    examples: Sequence[Json] = (),
    widget: Widget | None = None,
    placeholder: str | None = None,
    language: str | None = None,
    suggestions: Iterable[str] = (),
    show_when: Mapping[str, Sequence[Json]] | None = None,
    options: str | None = None,
    depends_on: Iterable[str] = (),
    collection: str | None = None,
    **limits: Unpack[Limits],
) -> Any:
    """Declare a parameter; without ``default`` (or ``default_factory``) it is required.

    ``show_when`` names other parameters and the values of each that show this one: all must fit.
    ``options`` names a function of the node's ``options``, which lists what can be chosen;
    ``depends_on`` names the parameters whose change makes that list another one.
    ``collection`` is the title of a group of rarely needed ones: the form shows those that are
    set, and offers the others under "Add option". Such a one must have a default.
    """
    if collection is not None and default is ... and "default_factory" not in limits:
        raise ValueError(f"{title}: what belongs to the collection {collection!r} needs a default.")
    said: dict[Hint, Any] = {
        Hint.WIDGET: str(widget) if widget else None,
        Hint.PLACEHOLDER: placeholder,
        Hint.LANGUAGE: language,
        Hint.SUGGESTIONS: list(suggestions),
        Hint.SHOW_WHEN: {name: list(values) for name, values in (show_when or {}).items()},
        Hint.OPTIONS: options,
        Hint.DEPENDS_ON: list(depends_on),
        Hint.COLLECTION: collection,
    }
    if default is not ... or "default_factory" not in limits:
        limits_and_default: dict[str, Any] = {"default": default, **limits}
    else:
        limits_and_default = {**limits}
    return Field(
        title=title,
        description=description,
        examples=list(examples) or None,
        json_schema_extra={hint.value: value for hint, value in said.items() if value},
        **limits_and_default,
    )


def unknown_hints(schema: Json) -> list[str]:
    """The ``x-…`` names of a JSON Schema, at any depth, that mean nothing to a form."""
    known = {hint.value for hint in Hint}
    found: list[str] = []

    def look(part: Json, *, names: bool) -> None:
        if isinstance(part, list):
            for one in part:
                look(one, names=False)
        elif isinstance(part, dict):
            for name, value in part.items():
                # Below 'properties' and '$defs' stand names that the author chose.
                if not names and name.startswith("x-"):
                    found.extend([] if name in known else [name])
                elif names or name not in ("default", "examples", "const", "enum"):
                    look(value, names=name in ("properties", "$defs") and not names)

    look(schema, names=False)
    widgets = {widget.value for widget in Widget}
    return found + [f"{Hint.WIDGET}: {name}" for name in _widgets(schema) if name not in widgets]


def _widgets(schema: Json) -> list[str]:
    if isinstance(schema, list):
        return [name for part in schema for name in _widgets(part)]
    if not isinstance(schema, dict):
        return []
    own = schema.get(Hint.WIDGET)
    below = [name for part in schema.values() for name in _widgets(part)]
    return [own, *below] if isinstance(own, str) else below
