"""Calls that newer Pythons lack or warn of, and calls that nobody can answer in a sandbox."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from layers.codecheck.diagnostic import Diagnostic, Severity, Source

DEPRECATED = {
    "datetime.datetime.utcnow": "use datetime.now(timezone.utc)",
    "datetime.datetime.utcfromtimestamp": "use datetime.fromtimestamp(…, timezone.utc)",
    "asyncio.get_event_loop": "use asyncio.run(…) or asyncio.get_running_loop()",
    "asyncio.coroutine": "it is gone since Python 3.11; write async def",
    "asyncio.async": "use asyncio.create_task(…)",
    "collections.Mapping": "use collections.abc.Mapping",
    "collections.MutableMapping": "use collections.abc.MutableMapping",
    "collections.Iterable": "use collections.abc.Iterable",
    "collections.Sequence": "use collections.abc.Sequence",
    "collections.Callable": "use collections.abc.Callable",
    "inspect.getargspec": "it is gone since Python 3.11; use inspect.signature",
    "inspect.formatargspec": "it is gone since Python 3.11; use inspect.signature",
    "locale.getdefaultlocale": "use locale.getlocale()",
    "locale.format": "it is gone in Python 3.12; use locale.format_string",
    "logging.warn": "use logging.warning",
    "threading.currentThread": "use threading.current_thread()",
    "threading.activeCount": "use threading.active_count()",
    "ssl.wrap_socket": "it is gone in Python 3.12; use ssl.create_default_context().wrap_socket",
    "ssl.match_hostname": "it is gone in Python 3.12; an SSLContext checks the name itself",
    "time.clock": "it is gone; use time.perf_counter()",
    "platform.linux_distribution": "it is gone; use platform.freedesktop_os_release()",
    "tempfile.mktemp": "use tempfile.mkstemp or NamedTemporaryFile",
    "importlib.find_loader": "it is gone in Python 3.12; use importlib.util.find_spec",
    "pkgutil.find_loader": "use importlib.util.find_spec",
    "pkgutil.get_loader": "use importlib.util.find_spec",
    "unittest.makeSuite": "use unittest.TestLoader().loadTestsFromTestCase",
    "unittest.findTestCases": "use unittest.TestLoader().loadTestsFromModule",
    "base64.encodestring": "it is gone; use base64.encodebytes",
    "base64.decodestring": "it is gone; use base64.decodebytes",
    "numpy.float": "it is gone; use float",
    "numpy.int": "it is gone; use int",
    "numpy.bool": "it is gone in NumPy 1.24 to 1.26; use bool",
    "numpy.object": "it is gone; use object",
    "ast.Num": "use ast.Constant",
    "ast.Str": "use ast.Constant",
    "ast.NameConstant": "use ast.Constant",
}
"""Names as an import would spell them, and what to write instead."""

UNANSWERED = {
    "input": "nobody is there to type an answer; take it from the items",
    "breakpoint": "no debugger can be reached; use print",
}


def check_calls(tree: ast.Module, source: Source) -> Iterator[Diagnostic]:
    """Remark on deprecated names and on calls that wait for a person."""
    full_names = _imported(tree)
    defined = _defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            dotted = _dotted(node, full_names)
            if dotted in DEPRECATED:
                message = f"{dotted} is deprecated: {DEPRECATED[dotted]}."
                yield source.at(node, Severity.WARNING, "deprecated_call", message)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in UNANSWERED and name not in defined:
                message = f"{name}() cannot work in the sandbox: {UNANSWERED[name]}."
                yield source.at(node, Severity.WARNING, "unusable_call", message)


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the code's own names for imported things stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                short = alias.asname or alias.name.partition(".")[0]
                found[short] = alias.name if alias.asname else short
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _defined(tree: ast.Module) -> set[str]:
    return {
        node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    }


def _dotted(node: ast.expr, full_names: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in full_names or len(parts) > 4:
        return None
    return ".".join([full_names[node.id], *reversed(parts)])
