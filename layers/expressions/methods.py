"""Methods: what `value.name(…)` does, by the kind of the value; Python's own are never reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.functions import dates, objects, texts
from layers.expressions.moments import DateTime
from layers.expressions.registry import Function, describe
from layers.expressions.values import in_words, same


def lstrip(run: Run, text: str, characters: str | None = None) -> str:
    """The text without white space at its start."""
    run.take(len(text))
    return text.lstrip(characters)


def rstrip(run: Run, text: str, characters: str | None = None) -> str:
    """The text without white space at its end."""
    run.take(len(text))
    return text.rstrip(characters)


def casefold(run: Run, text: str) -> str:
    """The text in a form for comparing without regard to capitals."""
    run.take(len(text))
    return text.casefold()


def zfill(run: Run, text: str, width: int) -> str:
    """The text made that wide with zeros after its sign."""
    run.take(max(width, len(text)))
    return text.zfill(width)


def center(run: Run, text: str, width: int, fill: str = " ") -> str:
    """The text made that wide by filling both sides."""
    if len(fill) != 1:
        raise ExpressionError("The fill of a text is a single character.")
    run.take(max(width, len(text)))
    return text.center(width, fill)


def find(run: Run, text: str, part: str) -> int:
    """The position of a part, or -1."""
    run.take(len(text) >> 3)
    return text.find(part)


def count(run: Run, text: str, part: str) -> int:
    """How often a part occurs."""
    run.take(len(text) >> 3)
    return text.count(part)


def removeprefix(run: Run, text: str, prefix: str) -> str:
    """The text without this beginning."""
    run.take(len(text))
    return text.removeprefix(prefix)


def removesuffix(run: Run, text: str, suffix: str) -> str:
    """The text without this end."""
    run.take(len(text))
    return text.removesuffix(suffix)


def join(run: Run, text: str, values: list[Any]) -> str:
    """The elements as one text with this one between them."""
    return texts.join(run, values, text)


def partition(run: Run, text: str, separator: str) -> list[str]:
    """What is before the separator, the separator, and what is after it."""
    if not separator:
        raise ExpressionError("The separator is empty.")
    run.take(len(text))
    return list(text.partition(separator))


def isdigit(run: Run, text: str) -> bool:
    """Whether the text consists of digits only."""
    return text.isdigit()


def isalpha(run: Run, text: str) -> bool:
    """Whether the text consists of letters only."""
    return text.isalpha()


def isalnum(run: Run, text: str) -> bool:
    """Whether the text consists of letters and digits only."""
    return text.isalnum()


def isspace(run: Run, text: str) -> bool:
    """Whether the text consists of white space only."""
    return text.isspace()


def islower(run: Run, text: str) -> bool:
    """Whether all letters of the text are small."""
    return text.islower()


def isupper(run: Run, text: str) -> bool:
    """Whether all letters of the text are capital."""
    return text.isupper()


def get(run: Run, value: Mapping[str, Any], key: str, default: Any = None) -> Any:
    """The value of a key, or the default where the object does not have it."""
    try:
        return value[key]
    except KeyError:
        return default


def count_of(run: Run, values: list[Any], value: Any) -> int:
    """How often a value occurs in the list."""
    return sum(same(run, value, element) for element in values)


def index(run: Run, values: list[Any], value: Any) -> int:
    """The position of a value in the list."""
    for position, element in enumerate(values):
        if same(run, value, element):
            return position
    raise ExpressionError("The value is not in the list; test with 'in' first.")


def copied(run: Run, values: list[Any]) -> list[Any]:
    """A copy of the list."""
    run.take_list(len(values))
    return list(values)


def _table(kind: str, **bodies: Callable[..., Any]) -> dict[str, Function]:
    return {name: describe(body, kind, "", "", name=name) for name, body in bodies.items()}


TEXT = _table(
    "text",
    lower=texts.lower,
    upper=texts.upper,
    title=texts.title,
    capitalize=texts.capitalize,
    casefold=casefold,
    strip=texts.trim,
    lstrip=lstrip,
    rstrip=rstrip,
    replace=texts.replace,
    split=texts.split,
    splitlines=texts.lines,
    partition=partition,
    join=join,
    startswith=texts.starts_with,
    endswith=texts.ends_with,
    removeprefix=removeprefix,
    removesuffix=removesuffix,
    find=find,
    count=count,
    zfill=zfill,
    ljust=texts.pad_right,
    rjust=texts.pad_left,
    center=center,
    isdigit=isdigit,
    isalpha=isalpha,
    isalnum=isalnum,
    isspace=isspace,
    islower=islower,
    isupper=isupper,
)
OBJECT = _table("object", get=get, keys=objects.keys, values=objects.values, items=objects.entries)
LIST = _table("list", count=count_of, index=index, copy=copied)
DATE = _table("date", isoformat=dates.isoformat, strftime=dates.strftime)

KNOWN = TEXT.keys() | OBJECT.keys() | LIST.keys() | DATE.keys()

_ADVICE = {
    "format": 'write f"… {value} …" or a text with {{ … }}',
    "format_map": 'write f"… {value} …" or a text with {{ … }}',
    "append": "lists do not change; write list + [value]",
    "extend": "lists do not change; write list + other",
    "sort": "lists do not change; write sorted(list)",
    "reverse": "lists do not change; write reversed(list)",
    "update": "objects do not change; write merge(a, b)",
    "pop": "values do not change; write list[-1] or omit(object, key)",
    "map": "write [f(x) for x in list]",
    "filter": "write [x for x in list if …]",
    "includes": "write 'part in whole'",
    "toLowerCase": "write .lower()",
    "toUpperCase": "write .upper()",
    "trim": "write .strip()",
    "encode": "use b64_encode(text) or url_encode(text)",
}


def table_of(value: Any) -> dict[str, Function]:
    """Give the methods of a value by name; empty for a kind that has none."""
    if isinstance(value, str):
        return TEXT
    if isinstance(value, Mapping):
        return OBJECT
    if isinstance(value, (list, tuple)):
        return LIST
    return DATE if isinstance(value, DateTime) else {}


def no_such_method(name: str) -> str:
    """Say that no value has this method."""
    advice = f"; {_ADVICE[name]}" if name in _ADVICE else ""
    advice = advice or "; a key is read without brackets"
    return f"There is no method '.{name[:60]}()'{advice}."


def not_a_method_of(name: str, value: Any, owner: str) -> str:
    """Say that this value does not have this method, and which it has."""
    table = table_of(value)
    has = f"it has {', '.join(table)}" if table else "it has none"
    if value is None:
        has = f"write default({owner}, …) or {owner} if … else …"
    return f"'{owner}' is {in_words(value)} and has no method '.{name}()'; {has}."
