"""The node python: what is refused when saved, and what the sandbox is handed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from functions.nodes.code.python import node
from layers.contract import Effect, Item, Json, PythonCode
from tests.nodes.context import NodeContext, read_params

CODE = "def run(items):\n    return items"


class Recorder:
    """Keeps what the sandbox would run, and gives one item."""

    def __init__(self) -> None:
        self.calls: list[tuple[PythonCode, list[Item]]] = []

    async def run(self, code: PythonCode, items: Sequence[Item]) -> list[Item]:
        self.calls.append((code, list(items)))
        return [Item(made=True)]


def handed_over(params: dict[str, Json]) -> tuple[PythonCode, list[Item]]:
    sandbox = Recorder()
    context = NodeContext(sandbox=sandbox)
    run: Any = node.run
    outcome = run(read_params(node, params), [Item(a=1)], context)
    assert asyncio.run(outcome) == {"main": [{"made": True}]}
    return sandbox.calls[0]


def mistakes(params: dict[str, Json]) -> str:
    with pytest.raises(ValidationError) as caught:
        read_params(node, params)
    return str(caught.value)


def test_the_sandbox_gets_code_items_and_limits_as_they_were_set() -> None:
    code, items = handed_over(
        {
            "code": CODE,
            "per": "each_item",
            "mode": "warm",
            "requirements": ["a==1.0"],
            "timeout_s": 10,
            "memory_mb": 512,
            "cpu_s": 2.5,
            "network": ["api.example.com:443"],
            "files": True,
        }
    )
    assert items == [{"a": 1}]
    assert code == PythonCode(
        code=CODE,
        per="each_item",
        mode="warm",
        requirements=("a==1.0",),
        timeout_s=10,
        memory_mb=512,
        cpu_s=2.5,
        network=("api.example.com:443",),
        files=True,
    )


def test_the_defaults_are_those_of_the_contract() -> None:
    assert handed_over({"code": CODE})[0] == PythonCode(code=CODE)


def test_braces_in_the_code_are_the_authors_own() -> None:
    code = "def run(items):\n    return ['{{ item.a }}', f'{{ {items} }}']"
    assert handed_over({"code": code})[0].code == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1\n  y = 2\ndef run(items): pass", "Line 2: unexpected indent"),
        ("def run(items):\n    return (", "Line 2: '(' was never closed"),
        ("", "Line 1: no function 'run'"),
        ("x = 1\n\ndef go(items): pass", "Line 3: no function 'run'"),
        ("class A:\n    def run(self, items): pass", "no function 'run'"),
        ("run = 1", "no function 'run'"),
        ("import os\ndef run(): pass", "Line 2: 'run' is called as run(items)"),
        ("def run(a, b, c): pass", "Line 1: 'run' is called as run(items)"),
        ("def run(items, *, more): pass", "Line 1: 'run' is called as run(items)"),
        ("async def run(items): pass", "write 'def run'"),
        ("def run(items): pass\0", "null bytes"),
        ("-" * 100_000 + "1", "nested too deeply"),
    ],
)
def test_code_that_cannot_run_is_refused_with_its_line(code: str, words: str) -> None:
    assert words in mistakes({"code": code})


@pytest.mark.parametrize(
    "code",
    [
        "def run(items, ctx): pass",
        "def run(*items): pass",
        "def run(items, ctx=None, more=1): pass",
        "def run(items): pass\ndef run(items, ctx): pass",
        "raise SystemExit  # never run when saved\ndef run(items): pass",
    ],
)
def test_code_that_defines_run_is_accepted_and_not_executed(code: str) -> None:
    read_params(node, {"code": code})


@pytest.mark.parametrize(
    "params",
    [
        {"timeout_s": 0.05},
        {"timeout_s": 901},
        {"memory_mb": 63},
        {"memory_mb": 4096},
        {"cpu_s": 0},
        {"per": "item"},
        {"mode": "hot"},
        {"network": "all"},
        {"network": ["example.com"]},
        {"network": ["http://example.com:80"]},
        {"requirements": ["git+https://example.com/x"]},
        {"requirements": ["x @ https://example.com/x.whl"]},
        {"requirements": ["-r other.txt"]},
        {"requirements": ["--index-url=https://example.com"]},
        {"requirements": ["../local"]},
        {"requirements": ["a\nb"]},
    ],
)
def test_settings_outside_their_bounds_are_refused(params: dict[str, Json]) -> None:
    mistakes({"code": CODE, **params})


@pytest.mark.parametrize("requirement", ["a", "a==1.0", "a>=1,<2", "a[b,c]~=1.2", "a-b.c_d == 1.*"])
def test_pinned_and_ranged_packages_are_accepted(requirement: str) -> None:
    read_params(node, {"code": CODE, "requirements": [requirement]})


def test_only_code_with_a_network_has_an_effect() -> None:
    assert node.effect_of is not None
    alone: Any = read_params(node, {"code": CODE, "network": []})
    online: Any = read_params(node, {"code": CODE, "network": ["*.example.com:*"]})
    assert node.effect_of(alone) is Effect.PURE
    assert node.effect_of(online) is Effect.UNSAFE
