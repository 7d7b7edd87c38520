"""What nodes, triggers and credential types may import is an allowed list, not a forbidden one."""

from __future__ import annotations

import pkgutil
import tomllib
from pathlib import Path
from typing import Any

import layers

ALLOWED = {"civil_time", "contract", "credentials", "jsontext", "media", "work"}
"""The rooms that know no state: the contract, and what bytes, times and signatures mean."""


def rule() -> dict[str, Any]:
    text = (Path(layers.__file__).parents[1] / "pyproject.toml").read_text()
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
