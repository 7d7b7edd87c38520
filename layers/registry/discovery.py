"""Finds what the files of a package declare, so that a new file is listed nowhere."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any, TypeVar

Declaration = TypeVar("Declaration")


def declared(package: str, name: str, kind: type[Declaration]) -> tuple[Declaration, ...]:
    """What every module below a package, at any depth, declares under ``name``; by its type.

    Raises TypeError, which names the file, where one declares nothing of that ``kind``.
    """
    found = [_declaration(module, name, kind) for module in modules_below(package)]
    return tuple(sorted(found, key=_type_of))


def modules_below(package: str) -> list[str]:
    """The dotted names of the modules below a package, at any depth, in order."""
    found: list[str] = []
    for one in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        found += modules_below(one.name) if one.ispkg else [one.name]
    return sorted(found)


def _declaration(module: str, name: str, kind: type[Declaration]) -> Declaration:
    found = getattr(import_module(module), name, None)
    if not isinstance(found, kind):
        path = module.replace(".", "/") + ".py"
        raise TypeError(
            f"{path} declares nothing: it needs '{name} = {kind.__name__}(...)'. What several "
            "files share lies outside of the folder that is searched."
        )
    return found


def _type_of(declaration: Any) -> str:
    return str(declaration.type)
