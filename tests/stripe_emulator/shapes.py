"""Holds an object's JSON against what the official SDK says of it: members and types."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from stripe._list_object import ListObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject, UntypedStripeObject

Problems = list[str]
SCALARS: dict[Any, tuple[type, ...]] = {
    int: (int,),
    str: (str,),
    float: (int, float),
    bool: (bool,),
    Decimal: (str,),
}


def problems_of(record: dict[str, Any]) -> Problems:
    """What is wrong with an object: members too many or too few, values of other types."""
    return _object(record, _class_of(record["object"]), record["object"])


def _class_of(kind: str) -> Any:
    return get_object_class("V1", kind)


def _object(value: Any, kind: Any, path: str) -> Problems:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {kind.__name__}"]
    hints = _hints(kind)
    found = [f"{path}.{name}: unknown" for name in value if name not in hints]
    for name, hint in hints.items():
        if name in value:
            found += _value(value[name], hint, f"{path}.{name}")
        elif not _may_be_missing(hint):
            found.append(f"{path}.{name}: missing")
    return found


@cache
def _hints(kind: Any) -> dict[str, Any]:
    found = {}
    for name, hint in kind.__annotations__.items():
        if name not in {"OBJECT_NAME", "deleted"} and not name.startswith("_"):
            found[name] = hint
    return found


def _may_be_missing(hint: Any) -> bool:
    return get_origin(hint) is Union and type(None) in get_args(hint)


def _value(value: Any, hint: Any, path: str) -> Problems:
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, str):
        hint = ForwardRef(hint)
    if origin is Union:
        tries = [_value(value, one, path) for one in args]
        return min(tries, key=len)
    if origin is Literal:
        return [] if value in args else [f"{path}: {value!r} is none of {args}"]
    if origin in {list, ListObject}:
        inner = value.get("data") if origin is ListObject and isinstance(value, dict) else value
        if not isinstance(inner, list):
            return [f"{path}: {value!r} is no list"]
        found = [_value(one, args[0], f"{path}[{at}]") for at, one in enumerate(inner)]
        return [one for some in found for one in some]
    if isinstance(hint, ForwardRef):
        return _reference(value, hint, path)
    if hint is type(None):
        return [] if value is None else [f"{path}: {value!r} is not null"]
    if hint in SCALARS:
        fits = isinstance(value, SCALARS[hint]) and (hint is bool or not isinstance(value, bool))
        return [] if fits else [f"{path}: {value!r} is no {hint.__name__}"]
    if origin is UntypedStripeObject or hint is UntypedStripeObject or hint is dict:
        return [] if isinstance(value, dict) else [f"{path}: {value!r} is no object"]
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return _object(value, hint, path)
    return []


def _reference(value: Any, hint: ForwardRef, path: str) -> Problems:
    """An object of another kind, which is only here in whole."""
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {hint.__forward_arg__}"]
    if "object" not in value:
        return [f"{path}: {value!r} is no object of Stripe's"]
    return _object(value, _class_of(value["object"]), path)
