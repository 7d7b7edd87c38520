"""Runs one user's code once: compile, call ``run``, write the answer. Lines are the user's own."""

from __future__ import annotations

import builtins
import errno
import sys

from sandbox_runner.guest import jsontext
from sandbox_runner.guest.answer import NotItems, collect_each, collect_list, encode
from sandbox_runner.guest.items import Item, origins, packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from sandbox_runner.guest.grants import Grants

FILE = "step.py"
_LONGEST_MESSAGE = 4096
_LONGEST_TRACEBACK = 16384
_MOST_FRAMES = 50


class MissingRun(Exception):
    """The code defines no function named run: write 'def run(items): ...' returning a list."""


class Context(dict):  # type: ignore[type-arg]
    """What ``ctx`` is: read ``ctx.execution_id`` or ``ctx["execution_id"]``."""

    files: tuple[Any, ...] = ()
    came: tuple[Item, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return a key's value; objects come back as contexts, too."""
        try:
            value = self[name]
        except KeyError:
            known = ", ".join(sorted(self)) or "nothing"
            raise AttributeError(f"ctx has no {name!r}; it has {known}") from None
        return Context(value) if isinstance(value, dict) else value

    def derive(self, values: dict[str, Any], *places: int) -> Item:
        """Make an item of those at these places of the items that came in; raises IndexError."""
        sources = [self.came[place] for place in places]
        return sources[0].derive(values, *sources[1:]) if sources else Item(values)

    def lend(self, grants: Grants) -> None:
        """Add what the run was granted."""
        object.__setattr__(self, "credential", grants.credential)
        object.__setattr__(self, "files", grants.files)

    def credential(self, name: str | None = None) -> Any:
        """Return a handle of a credential of the step; raises LookupError."""
        raise LookupError("The step has no credential; choose one in the node's settings.")


class Step:
    """One user's code, loaded once; in warm mode its globals live as long as this object."""

    def __init__(self, code: str) -> None:
        self.code = code
        module = type(sys)("step")
        module.__dict__["__builtins__"] = builtins
        module.__file__ = FILE
        sys.modules["step"] = module
        exec(compile(code, FILE, "exec", dont_inherit=True), module.__dict__)
        run = module.__dict__.get("run")
        if not callable(run):
            raise MissingRun((MissingRun.__doc__ or "").strip())
        self.run: Callable[..., Any] = run
        self.wants_context = _wants_context(run)
        self.takes_one = _takes_one(run)

    def call(self, argument: Any, context: Context) -> Any:
        """Call ``run`` once, with the context where its signature has room for it."""
        value = self.run(argument, context) if self.wants_context else self.run(argument)
        if hasattr(value, "__await__"):
            import asyncio

            value = asyncio.run(_awaited(value))
        return value


def perform(step: Step, body: dict[str, Any], context: Context) -> bytes:
    """Call a loaded step for a request's items and return what it gave, as an answer says it."""
    items = [Item(one) for one in body["items"]]
    if body.get("per") == "each_item":
        return _each(step, items, context)
    if body.get("per") == "item_outcomes":
        return packed(b"[%s]" % b",".join(_outcomes(step, items, context)), None)
    # The list is theirs to change; what came in stays as it was.
    context.came = tuple(items)
    given = collect_list(step.call(items, context))
    return packed(encode(given), origins(context.came, given))


def _each(step: Step, items: list[Item], context: Context) -> bytes:
    """Call it for one item after the other."""
    results: list[dict[str, Any]] = []
    places: list[int | list[int] | None] = []
    for position, item in enumerate(items):
        argument = item if step.takes_one else [item]
        context.came = (item,)
        given = collect_each(step.call(argument, context), position)
        results += given
        places += [position] * len(given)
    return packed(encode(results), None if places == list(range(len(items))) else places)


def _outcomes(step: Step, items: list[Item], context: Context) -> Iterator[bytes]:
    """What each item came to, as JSON text: ``{"items": [...]}`` or ``{"error": {...}}``."""
    for position, item in enumerate(items):
        context.came = (item,)
        argument = item if step.takes_one else [item]
        try:
            given = encode(collect_each(step.call(argument, context), position))
        except BaseException as error:
            yield b'{"error":%s}' % failure(error, step.code)
        else:
            yield b'{"items":%s}' % given


def failure(error: BaseException, code: str) -> bytes:
    """Describe an error as JSON: message, type, the user's line, the user's frames, the kind."""
    places = _places(error)
    line = places[-1][0] if places else None
    if isinstance(error, SyntaxError) and error.filename == FILE:
        line = error.lineno
    message = _message(error)[:_LONGEST_MESSAGE]
    shown = ""
    if places:
        shown = "Traceback (most recent call last):\n" + _frames(error, places, code)
        shown += f"{type(error).__name__}: {message}"
    return jsontext.dumps(
        {
            "message": message,
            "type": type(error).__name__[:200],
            "line": line,
            "traceback": _last_lines(shown, _LONGEST_TRACEBACK),
            "kind": _kind(error),
        }
    ).encode("utf-8", "replace")


def _places(error: BaseException) -> list[tuple[int, str]]:
    """Where in the user's code the error passed: line and function, the innermost last."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            found.append((trace.tb_lineno, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    return found[:_MOST_FRAMES] + found[_MOST_FRAMES:][-_MOST_FRAMES:]


def _frames(error: BaseException, places: list[tuple[int, str]], code: str) -> str:
    """Show the user's frames as Python does, or more plainly where there is no memory left."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None  # It holds the frames, and they all that was in memory.
        return "".join(f'  File "{FILE}", line {line}, in {name}\n' for line, name in places)
    import linecache
    import traceback

    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == FILE]
    return "".join(traceback.format_list(frames))


def _last_lines(text: str, most: int) -> str:
    """Return as many whole lines of a text's end as there is room for."""
    if len(text) <= most:
        return text
    return text[-most:].partition("\n")[2]


async def _awaited(value: Any) -> Any:
    return await value


def _takes_one(run: Callable[..., Any]) -> bool:
    """Whether ``run`` asks for the item itself, by naming its first parameter ``item``."""
    code = getattr(run, "__code__", None)
    return bool(code and code.co_argcount and code.co_varnames[0] == "item")


def _wants_context(run: Callable[..., Any]) -> bool:
    code = getattr(run, "__code__", None)
    if code is None:
        return False
    bound = 1 if hasattr(run, "__self__") else 0
    takes_rest = bool(code.co_flags & 0x04)
    return takes_rest or code.co_argcount - bound >= 2


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"The code called exit({error.code!r}); return a list instead."
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        return str(error)
    except BaseException:
        return f"(the message of this {type(error).__name__} could not be read)"


def _kind(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN:
        return "processes"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "processes"
    return "result" if isinstance(error, NotItems) else "user"
