"""What nodes, triggers and credential types may import is an allowed list, not a forbidden one."""

from __future__ import annotations

import ast
import pkgutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import layers

ROOT = Path(layers.__file__).parents[1]

ALLOWED = {"civil_time", "contract", "credentials", "jsontext", "media", "work"}
"""The rooms that know no state: the contract, and what bytes, times and signatures mean."""


OURS = {"functions", "layers", "triggers"}
"""Judged by import-linter."""
DECLARED = ("functions/nodes", "functions/credentials", "triggers/sources")
MODULES = {
    "__future__", "abc", "ast", "asyncio", "base64", "binascii", "bisect", "calendar", "codecs",
    "collections", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib",
    "email.headerregistry", "email.message", "email.parser", "email.policy", "email.utils", "enum",
    "fnmatch", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "http.HTTPStatus",
    "inspect", "io", "itertools", "json", "math", "operator", "random", "re", "secrets",
    "statistics", "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse",
    "uuid", "zlib", "zoneinfo",
    "pydantic", "pydantic_core",
}  # fmt: skip
"""What else a node may import: nothing that reaches the network, the disk or another process.

Those come by ``ctx``, whose client goes to no address that the instance does not allow.
"""


def imported(source: str) -> Iterator[str]:
    """The full names of what a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def refused(source: str) -> list[str]:
    """What of it no node may import."""
    return [
        name
        for name in imported(source)
        if name.partition(".")[0] not in OURS
        and not any(name == one or name.startswith(f"{one}.") for one in MODULES)
    ]


def rule() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text()
    rules = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return next(one for one in rules if "functions.nodes.*" in one.get("source_modules", ()))


def test_whatever_room_of_layers_is_new_is_closed_to_nodes() -> None:
    rooms = {one.name for one in pkgutil.iter_modules(layers.__path__)}
    closed = {name.partition(".")[2] for name in rule()["forbidden_modules"] if "layers." in name}

    assert rooms - closed == ALLOWED


def test_it_holds_for_all_that_is_found_without_a_list() -> None:
    assert {"functions.nodes.*", "functions.credentials.*", "triggers.sources.*"} == set(
        rule()["source_modules"]
    )


@pytest.mark.parametrize("family", DECLARED)
def test_what_is_declared_imports_nothing_that_reaches_out_by_itself(family: str) -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / family).rglob("*.py"))
        # What finds the files is none of them.
        if path != ROOT / family / "__init__.py" and (names := refused(path.read_text()))
    }

    assert not found, "ask ctx for it; what is pure goes into MODULES above"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import socket", ["socket"]),
        ("from urllib.request import urlopen", ["urllib.request.urlopen"]),
        ("from urllib.parse import quote", []),
        ("import http.client", ["http.client"]),
        ("def run():\n    import subprocess", ["subprocess"]),
        ("import httpx, json", ["httpx"]),
        ("from layers.contract import Node", []),
    ],
)
def test_it_would_be_refused(source: str, names: list[str]) -> None:
    assert refused(source) == names
