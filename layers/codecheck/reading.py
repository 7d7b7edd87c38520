"""Parses code that may have been written to hurt the parser; nothing of it is executed."""

from __future__ import annotations

import ast
import re
import threading
import warnings

from layers.codecheck.diagnostic import Diagnostic, Severity

LONGEST = 200_000
"""Characters; the parser's time and memory grow with them."""
DEEPEST = 60
"""Brackets within brackets; the parser's stack, and the time of its second look, grow with them."""
MOST_REMARKS = 50
_FILE = "step.py"
# Strings and comments are stepped over, so that brackets in them do not count.
_BRACKETS = re.compile(
    r"'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""
    r"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|\#[^\n]*|[(\[{]|[)\]}]",
    re.DOTALL,
)
# What the parser warns of goes through settings of the whole process.
_one_at_a_time = threading.Lock()


def read(code: str) -> tuple[ast.Module | None, list[Diagnostic]]:
    """Return the syntax tree, or None with the error; warnings of the parser come with both."""
    bound = _bound(code)
    if bound is not None:
        return None, [bound]
    try:
        with _one_at_a_time, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            tree = ast.parse(code, _FILE)
            compile(tree, _FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        return None, [_syntax(error)]
    except ValueError:
        message = "The code holds a character that no Python source can hold."
        return None, [_whole("syntax", message)]
    except (RecursionError, MemoryError):
        return None, [_whole("too_deep", "The code is nested too deeply to read; simplify it.")]
    return tree, [_warned(one) for one in caught if one.filename == _FILE][:MOST_REMARKS]


def _bound(code: str) -> Diagnostic | None:
    if len(code) > LONGEST:
        return _whole("too_long", f"The code is longer than {LONGEST} characters.")
    depth = 0
    for found in _BRACKETS.finditer(code):
        bracket = found.group()
        if bracket in ("(", "[", "{"):
            depth += 1
        elif bracket in (")", "]", "}"):
            depth -= 1
        if depth > DEEPEST:
            line = code.count("\n", 0, found.start()) + 1
            column = found.start() - (code.rfind("\n", 0, found.start()) + 1) + 1
            message = f"Brackets are nested deeper than {DEEPEST} levels; use names in between."
            return Diagnostic(line, column, Severity.ERROR, "too_deep", message)
    return None


def _syntax(error: SyntaxError) -> Diagnostic:
    line = max(error.lineno or 1, 1)
    column = max(error.offset or 1, 1)
    end = error.end_lineno, error.end_offset
    whole = end[0] is not None and end[1] is not None and (end[0], end[1]) > (line, column)
    return Diagnostic(
        line,
        column,
        Severity.ERROR,
        "syntax",
        _sentence(error.msg),
        end_line=end[0] if whole else None,
        end_column=end[1] if whole else None,
    )


def _warned(warning: warnings.WarningMessage) -> Diagnostic:
    message = _sentence(str(warning.message))
    return Diagnostic(warning.lineno or 1, 1, Severity.WARNING, "suspicious_syntax", message)


def _sentence(text: str) -> str:
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


def _whole(code: str, message: str) -> Diagnostic:
    return Diagnostic(1, 1, Severity.ERROR, code, message)
