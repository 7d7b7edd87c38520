"""Whether the code defines ``run`` as the sandbox calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from layers.codecheck.diagnostic import Diagnostic, Severity, Source

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_run(tree: ast.Module, source: Source, *, each_item: bool) -> Iterator[Diagnostic]:
    """Say what is wrong with the last ``run`` at the left margin, or that there is none."""
    found = [s for s in tree.body if isinstance(s, Function) and s.name == "run"]
    if not found:
        last = max(len(source.lines), 1)
        message = "No function 'run' is defined; add 'def run(items):' at the left margin."
        yield Diagnostic(last, 1, Severity.ERROR, "missing_run", message)
        return
    function = found[-1]
    if isinstance(function, ast.AsyncFunctionDef):
        message = "'run' must be a plain function; write 'def run', and asyncio.run(…) in it."
        yield source.at(_head(function), Severity.ERROR, "async_run", message)
    elif _is_called_otherwise(function.args):
        message = "'run' is called as run(items) or run(items, ctx); take one or two arguments."
        yield source.at(_head(function), Severity.ERROR, "run_arguments", message)
    elif not each_item and _first(function.args) == "item":
        message = (
            "'run' gets the list of all items here; name the argument 'items', or choose to run "
            "once for each item."
        )
        yield source.at(function.args.args[0], Severity.WARNING, "run_gets_all_items", message)


def _is_called_otherwise(taken: ast.arguments) -> bool:
    names = [*taken.posonlyargs, *taken.args]
    required = len(names) - len(taken.defaults)
    unfilled = any(default is None for default in taken.kw_defaults)
    return (not names and taken.vararg is None) or required > 2 or unfilled


def _first(taken: ast.arguments) -> str | None:
    return taken.args[0].arg if taken.args and not taken.posonlyargs else None


def _head(function: Function) -> ast.AST:
    """The function's first line, as a piece of its own: its whole body is no place to mark."""
    return ast.Pass(
        lineno=function.lineno,
        col_offset=function.col_offset,
        end_lineno=function.lineno,
        end_col_offset=function.col_offset
        + len("def run")
        + 6 * isinstance(function, ast.AsyncFunctionDef),
    )
