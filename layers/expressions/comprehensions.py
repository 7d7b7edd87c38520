"""Comprehensions: the only loops of the language; each turn charges what its body costs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.compiler import Compiler, Place, Step, handles
from layers.expressions.reading import object_key
from layers.expressions.values import in_words

Bind = Callable[[Run, Any], None]
Emit = Callable[[Run, Any], None]


@handles(ast.ListComp, ast.GeneratorExp)
def list_comprehension(compiler: Compiler, node: ast.ListComp | ast.GeneratorExp) -> Step:
    """Compile `[… for … in …]`; a generator makes a list as well."""

    def collect() -> Emit:
        element = compiler.step(node.elt)
        return lambda run, out: out.append(element(run))

    fill = loops(compiler, node.generators, collect)

    def build(run: Run) -> list[Any]:
        out: list[Any] = []
        fill(run, out)
        return out

    return build


@handles(ast.DictComp)
def object_comprehension(compiler: Compiler, node: ast.DictComp) -> Step:
    """Compile `{…: … for … in …}`."""
    place = compiler.place(node)

    def collect() -> Emit:
        key, value = compiler.step(node.key), compiler.step(node.value)

        def emit(run: Run, out: Any) -> None:
            out[object_key(key(run), place)] = value(run)

        return emit

    fill = loops(compiler, node.generators, collect)

    def build(run: Run) -> dict[str, Any]:
        out: dict[str, Any] = {}
        fill(run, out)
        return out

    return build


def loops(
    compiler: Compiler, generators: Sequence[ast.comprehension], collect: Callable[[], Emit]
) -> Emit:
    """Compile the `for` and `if` parts, the first of them outermost."""
    first, *more = generators
    source_node = first.iter
    if first.is_async:
        raise compiler.error(source_node, "There is no 'async' in an expression.")
    # As in Python, the list itself is read before the loop's variable exists.
    source = compiler.step(source_node)
    place = compiler.place(source_node)
    with compiler.loop():
        before = compiler.cost
        bind = target(compiler, first.target)
        tests = [compiler.step(test) for test in first.ifs]
        inner = loops(compiler, more, collect) if more else collect()
        turn = compiler.cost - before + 1
        compiler.cost = before

    def fill(run: Run, out: Any) -> None:
        for value in iterated(source(run), place):
            run.charge(turn)
            bind(run, value)
            if all(test(run) for test in tests):
                inner(run, out)

    return fill


def iterated(value: Any, place: Place) -> Any:
    """Pass on what a loop can go through: a list, the keys of an object, or characters."""
    if isinstance(value, (list, tuple, str, Mapping)):
        return value
    raise place.error(
        f"{place.text}: a loop goes through a list, an object or a text, not {in_words(value)}."
    )


def target(compiler: Compiler, node: ast.expr) -> Bind:
    """Compile a loop's variable, or several that take a list apart."""
    if isinstance(node, ast.Name):
        slot = compiler.bind(node)

        def store(run: Run, value: Any) -> None:
            run.slots[slot] = value

        return store
    if not isinstance(node, (ast.Tuple, ast.List)):
        raise compiler.error(node, "A loop's variable is a name, or several: for key, value in …")
    binds = [target(compiler, element) for element in node.elts]
    place = compiler.place(node)

    def unpack(run: Run, value: Any) -> None:
        if not isinstance(value, (list, tuple)) or len(value) != len(binds):
            raise place.error(
                f"'{place.text}' needs lists of {len(binds)} elements to take apart,"
                f" not {in_words(value)}."
            )
        for bind, element in zip(binds, value, strict=True):
            bind(run, element)

    return unpack
