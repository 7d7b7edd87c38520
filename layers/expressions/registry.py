"""The documented functions and methods: each declares its kinds, its sentence, and an example."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.moments import DateTime
from layers.expressions.values import in_words, is_number

Body = TypeVar("Body", bound=Callable[..., Any])
Check = Callable[[Any], Any]

# Set by layers.expressions.functions.dates, which knows how a text is read as a date.
DATE_READERS: list[Callable[[str], DateTime]] = []


class Mismatch(Exception):
    """A value is not of the kind that a parameter asks for."""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Mismatch("text")


def _number(value: Any) -> Any:
    if is_number(value):
        return value
    raise Mismatch("a number")


def _whole(value: Any) -> int:
    if is_number(value) and value == value // 1 and abs(value) < 1 << 63:
        return int(value)
    raise Mismatch("a whole number")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Mismatch("True or False")


def _list(value: Any) -> Sequence[Any]:
    if isinstance(value, (list, tuple)):
        return value
    raise Mismatch("a list")


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Mismatch("an object")


def _date(value: Any) -> DateTime:
    if isinstance(value, DateTime):
        return value
    if isinstance(value, str):
        return DATE_READERS[0](value)
    raise Mismatch("a date")


_CHECKS: dict[Any, Check] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
    list: _list,
    Mapping: _object,
    DateTime: _date,
}


def _check_for(hint: Any) -> Check | None:
    """Find the check for an annotation; None where any value will do."""
    if get_origin(hint) in (Union, type(int | None)):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        checks = [check for check in (_check_for(kind) for kind in kinds) if check is not None]
        return _any_of(checks, optional=len(kinds) < len(get_args(hint)))
    return _CHECKS.get(get_origin(hint) or hint)


def _any_of(checks: list[Check], optional: bool) -> Check:
    def check(value: Any) -> Any:
        if value is None and optional:
            return None
        wanted = []
        for one in checks:
            try:
                return one(value)
            except Mismatch as error:
                wanted.append(str(error))
        raise Mismatch(" or ".join(wanted))

    return check


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method of the language, as documented and as checked when called."""

    name: str
    group: str
    signature: str
    doc: str
    example: str
    gives: str
    body: Callable[..., Any]
    required: int
    positional: tuple[tuple[str, Check | None], ...]
    rest: tuple[str, Check | None] | None
    named: Mapping[str, Check | None]

    def misuse(self, count: int, keywords: Sequence[str]) -> str | None:
        """Say what is wrong with the number or the names of the arguments, or None."""
        if self.rest is None and count > len(self.positional):
            return f"{self.name}() is given too many arguments"
        for keyword in keywords:
            if keyword not in self.named:
                return f"{self.name}() has no argument named '{keyword}'"
            if keyword in [name for name, _ in self.positional[:count]]:
                return f"{self.name}() is given '{keyword}' twice"
        missing = [name for name, _ in self.positional[count : self.required]]
        missing = [name for name in missing if name not in keywords]
        return f"{self.name}() needs the argument '{missing[0]}'" if missing else None

    def call(self, run: Run, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """Check each argument's kind and call the function."""
        for index, value in enumerate(arguments):
            name, check = (
                self.positional[index]
                if index < len(self.positional)
                else (self.rest or ("value", None))
            )
            if check is not None:
                arguments[index] = self._checked(name, check, value)
        for name, value in keywords.items():
            check = self.named[name]
            if check is not None:
                keywords[name] = self._checked(name, check, value)
        return self.body(run, *arguments, **keywords)

    def _checked(self, name: str, check: Check, value: Any) -> Any:
        try:
            return check(value)
        except Mismatch as error:
            raise ExpressionError(
                f"{self.name}() needs {error} for '{name}', not {in_words(value)}."
                f" Usage: {self.signature}"
            ) from None


FUNCTIONS: dict[str, Function] = {}


def function(
    group: str, example: str, gives: str, *, name: str = "", units: Sequence[str] = ()
) -> Callable[[Body], Body]:
    """Register a documented function: its docstring's first line is its sentence.

    `example` is an expression and `gives` its result as JSON; both are shown and tested.
    `units` names the keywords that a `**amounts` parameter accepts.
    """

    def register(body: Body) -> Body:
        made = describe(body, group, example, gives, name=name, units=units)
        FUNCTIONS[made.name] = made
        return body

    return register


def describe(
    body: Callable[..., Any],
    group: str,
    example: str,
    gives: str,
    *,
    name: str = "",
    units: Sequence[str] = (),
) -> Function:
    """Read a function's documentation and checks off its own declaration."""
    hints = get_type_hints(body)
    parameters = list(inspect.signature(body).parameters.values())[1:]
    name = name or body.__name__
    positional: list[tuple[str, Check | None]] = []
    named: dict[str, Check | None] = {}
    rest: tuple[str, Check | None] | None = None
    shown: list[str] = []
    required = 0
    for parameter in parameters:
        check = _check_for(hints[parameter.name])
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            named.update(dict.fromkeys(units, check))
            shown += [f"{unit}=…" for unit in units]
            continue
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            rest = (parameter.name, check)
            shown.append(f"{parameter.name}, …")
            continue
        positional.append((parameter.name, check))
        named[parameter.name] = check
        required += parameter.default is inspect.Parameter.empty
        shown.append(_shown(parameter))
    doc = inspect.cleandoc(body.__doc__ or "").splitlines()[0]
    signature = f"{name}({', '.join(shown)})"
    return Function(
        name, group, signature, doc, example, gives, body, required, tuple(positional), rest, named
    )


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default!r}"
