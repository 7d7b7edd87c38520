"""The expression language: Python's syntax over JSON values, and nothing else of Python.

An expression is read once and becomes nested closures over a whitelist of nodes; evaluating it can
reach only the values of its scope and the documented functions. See docs/expressions.md.
"""

from layers.expressions.budget import Budget
from layers.expressions.errors import ExpressionError
from layers.expressions.moments import DateTime
from layers.expressions.program import Compiled, compile_expression, compile_template
from layers.expressions.registry import FUNCTIONS, Function
from layers.expressions.template import is_template

__all__ = [
    "FUNCTIONS",
    "Budget",
    "Compiled",
    "DateTime",
    "ExpressionError",
    "Function",
    "compile_expression",
    "compile_template",
    "is_template",
]
