"""What the code imports: modules that cannot work, that go away, that nobody brings."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from layers.codecheck import modules
from layers.codecheck.diagnostic import Diagnostic, Severity, Source
from layers.codecheck.requirements import FORBIDDEN

Forbids = Callable[[str], str | None]
"""Why no package may bring a module, or None."""

_GUARDS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


def check_imports(
    tree: ast.Module, source: Source, distributions: frozenset[str], forbids: Forbids
) -> Iterator[Diagnostic]:
    """Remark on each import that will not do what its author expects."""
    tried = _tried(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            message = "A step is one file; there is nothing beside it to import from."
            yield source.at(node, Severity.ERROR, "relative_import", message)
        elif isinstance(node, ast.Import | ast.ImportFrom) and node not in tried:
            for name in _names(node):
                yield from _remark(name, node, source, distributions, forbids)


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return [alias.name.partition(".")[0] for alias in node.names]


def _remark(
    name: str, node: ast.AST, source: Source, distributions: frozenset[str], forbids: Forbids
) -> Iterator[Diagnostic]:
    if name in modules.USELESS:
        message = f"'{name}' cannot work in the sandbox: {modules.USELESS[name]}."
        yield source.at(node, Severity.WARNING, "unusable_module", message)
    elif name in modules.REPLACED:
        message = f"'{name}' is deprecated. {modules.REPLACED[name]}"
        yield source.at(node, Severity.WARNING, "deprecated_module", message)
    elif modules.is_standard(name):
        return
    elif reason := forbids(name):
        yield source.at(node, Severity.ERROR, FORBIDDEN, reason)
    elif not modules.is_covered(name, distributions):
        package = modules.brought_by(name)[0]
        message = (
            f"'{name}' is not in the standard library, and no requirement names it; "
            f"add '{package}' to the requirements, unless another package brings it."
        )
        yield source.at(node, Severity.WARNING, "undeclared_import", message)


def _tried(tree: ast.Module) -> set[ast.AST]:
    """Imports whose absence the code is ready for."""
    ready = [node for node in ast.walk(tree) if isinstance(node, ast.Try) and _catches(node)]
    return {inner for node in ready for part in node.body for inner in ast.walk(part)}


def _catches(node: ast.Try) -> bool:
    caught: list[ast.AST | None] = []
    for handler in node.handlers:
        many = handler.type
        caught += many.elts if isinstance(many, ast.Tuple) else [many]
    return any(one is None or (isinstance(one, ast.Name) and one.id in _GUARDS) for one in caught)
