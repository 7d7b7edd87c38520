"""Which parameters each call takes: those that Stripe documents, and no others.

``parameters.json`` is written from the official SDK by ``tests/stripe_emulator/documented.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from local_emulator.providers.stripe.failures import StripeFailure

FILE = Path(__file__).with_name("parameters.json")
ANYTHING = "*"
"""Stands for parts of any name, such as those of ``metadata``."""


def check_parameters(method: str, path: str, params: Mapping[str, Any]) -> None:
    """Raise StripeFailure for a parameter that Stripe does not know of this call."""
    tree = _tree_of(method, path)
    if tree is not None:
        _check(params, tree, "")


def _check(params: Mapping[str, Any], tree: Mapping[str, Any], within: str) -> None:
    for name, value in params.items():
        path = f"{within}[{name}]" if within else name
        if name not in tree:
            raise StripeFailure(
                f"Received unknown parameter: {path}", code="parameter_unknown", param=path
            )
        part = tree[name]
        if isinstance(part, dict):
            if isinstance(value, dict):
                _check(value, part, path)
            elif isinstance(value, list):
                for at, one in enumerate(value):
                    if isinstance(one, dict):
                        _check(one, part, f"{path}[{at}]")


@cache
def _tree_of(method: str, path: str) -> Mapping[str, Any] | None:
    for pattern, tree in _trees()[method]:
        if pattern.fullmatch(path):
            return tree
    return None


@cache
def _trees() -> dict[str, list[tuple[re.Pattern[str], Mapping[str, Any]]]]:
    """By method; what names an object comes after what is a word of its own."""
    found: dict[str, list[tuple[re.Pattern[str], Mapping[str, Any]]]] = {}
    calls: dict[str, Mapping[str, Any]] = json.loads(FILE.read_text())
    for call in sorted(calls, key=lambda one: (one.count("*"), one)):
        method, path = call.split()
        pattern = re.compile(re.escape(path).replace(r"\*", "[^/]+"))
        found.setdefault(method, []).append((pattern, calls[call]))
    return found
