"""One remark about a piece of code, as an editor shows it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``error``: the step cannot run like this; ``warning``: it may fail or surprise."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A remark. Lines and columns count from 1, columns in characters; the end is exclusive."""

    line: int
    column: int
    severity: Severity
    code: str
    message: str
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of a code, to turn the parser's byte offsets into an editor's columns."""

    lines: Sequence[str]

    def at(self, node: ast.AST, severity: Severity, code: str, message: str) -> Diagnostic:
        """Make a remark about a piece of the syntax tree."""
        line = getattr(node, "lineno", 1)
        end_line = getattr(node, "end_lineno", None) or line
        return Diagnostic(
            line=line,
            column=self._column(line, getattr(node, "col_offset", 0)),
            severity=severity,
            code=code,
            message=message,
            end_line=end_line,
            end_column=self._column(end_line, getattr(node, "end_col_offset", None) or 0),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1
