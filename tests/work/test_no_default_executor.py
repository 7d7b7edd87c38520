"""Nothing blocks the loop, and nothing blocks in the one pool that everybody would share."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("layers", "functions", "billing", "triggers")
POOLS = {"layers/work/limiter.py", "triggers/threads.py"}
"""Who has threads of its own: they hand them to the loop."""
LOOKS_UP = {"layers/outbound/gate.py"}
"""Who asks for addresses of hosts, in a thread of ``NAMES``."""
SHARED = {"to_thread", "set_default_executor"}
BY_NAME = {"getaddrinfo", "gethostbyname", "getnameinfo"}
CONNECTIONS = {"reading", "writing", "asking", "sending", "snapshot", "read", "write"}
"""How a connection to the database is taken; each of them blocks."""


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def shared_threads(name: str, tree: ast.Module) -> Iterator[str]:
    """Calls that run in the loop's default pool, or look up a host wherever they stand."""
    for node in ast.walk(tree):
        called = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        line = f"{name}:{getattr(node, 'lineno', 0)} {called}"
        if called in SHARED or (called == "run_in_executor" and name not in POOLS):
            yield line
        if called in BY_NAME and name not in LOOKS_UP:
            yield line


def on_the_loop(name: str, tree: ast.Module) -> Iterator[str]:
    """Coroutines that take a connection to the database themselves."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            for inner in _own(node):
                if isinstance(inner, ast.With) and any(map(_takes_connection, inner.items)):
                    yield f"{name}:{inner.lineno} in {node.name}"


def _own(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What a coroutine does itself: what is defined in it may be called in a thread."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            waiting += ast.iter_child_nodes(node)


def _takes_connection(item: ast.withitem) -> bool:
    call = item.context_expr
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    owned = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return call.func.attr in CONNECTIONS and "database" in owned


def test_what_is_forbidden_is_seen() -> None:
    source = (
        "async def a(self):\n"
        "    await asyncio.to_thread(work)\n"
        "    await loop.run_in_executor(None, work)\n"
        "    socket.getaddrinfo(host, 1)\n"
        "    with self._database.reading() as connection:\n"
        "        connection.execute(READ)\n"
    )
    tree = ast.parse(source)
    assert len(list(shared_threads("x.py", tree))) == 3
    assert list(on_the_loop("x.py", tree)) == ["x.py:5 in a"]


def test_nothing_runs_in_the_pool_that_all_would_share() -> None:
    assert [line for name, tree in _trees() for line in shared_threads(name, tree)] == []


def test_no_coroutine_asks_the_database_itself() -> None:
    assert [line for name, tree in _trees() for line in on_the_loop(name, tree)] == []
