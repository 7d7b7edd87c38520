"""All checks of a step's code, in the order of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from layers.codecheck.calls import check_calls
from layers.codecheck.diagnostic import Diagnostic, Source
from layers.codecheck.imports import check_imports
from layers.codecheck.modules import named_in
from layers.codecheck.reading import MOST_REMARKS, read
from layers.codecheck.shape import check_run


def check(
    code: str, requirements: Sequence[str] = (), *, each_item: bool = False
) -> list[Diagnostic]:
    """Say what is wrong with a step's code; nothing is executed, nothing is imported.

    At most 50 remarks, in the order of lines. It takes up to a second for the largest code that
    is allowed: call it in a worker thread.
    """
    tree, found = read(code)
    if tree is not None:
        source = Source(code.splitlines())
        found += check_run(tree, source, each_item=each_item)
        found += check_imports(tree, source, named_in(requirements))
        found += check_calls(tree, source)
    found.sort(key=lambda one: (one.line, one.column, one.code))
    return found[:MOST_REMARKS]
