"""All checks of a step's code, in the order of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from layers.codecheck.calls import check_calls
from layers.codecheck.diagnostic import Diagnostic, Source
from layers.codecheck.imports import check_imports
from layers.codecheck.modules import named_in
from layers.codecheck.reading import MOST_REMARKS, read
from layers.codecheck.requirements import check_requirements, forbids
from layers.codecheck.shape import check_run
from layers.packages.policies import Policies

ANY = Policies()


def check(
    code: str,
    requirements: Sequence[str] = (),
    *,
    each_item: bool = False,
    policies: Policies = ANY,
) -> list[Diagnostic]:
    """Say what is wrong with a step's code; nothing is executed, nothing is imported.

    ``policies`` say which packages may come. At most 50 remarks, in the order of lines. It takes
    up to a second for the largest code that is allowed: call it in a worker thread.
    """
    tree, found = read(code)
    found += check_requirements(requirements, policies)
    if tree is not None:
        source = Source(code.splitlines())
        found += check_run(tree, source, each_item=each_item)
        named = named_in(requirements)
        forbidden = partial(forbids, distributions=named, policies=policies)
        found += check_imports(tree, source, named, forbidden)
        found += check_calls(tree, source)
    found.sort(key=lambda one: (one.line, one.column, one.code))
    return found[:MOST_REMARKS]
