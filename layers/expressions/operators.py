"""Arithmetic, comparison, `and`, `or`, `not`, and `a if b else c`, each guarded."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from layers.expressions.budget import Run
from layers.expressions.compiler import Compiler, Place, Step, handles
from layers.expressions.errors import ExpressionError
from layers.expressions.moments import DateTime
from layers.expressions.values import (
    COMMON,
    MAX_BITS,
    checked_number,
    contained,
    in_words,
    is_number,
    ordered,
    same,
)

Operation = Callable[[Any, Any], Any]


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        if base.bit_length() * exponent > MAX_BITS * 2 and base not in (-1, 0, 1):
            raise ExpressionError("The power is too large: numbers have at most 1,200 digits.")
    elif isinstance(exponent, int) and exponent.bit_length() > MAX_BITS:
        raise ExpressionError("The exponent is too large.")
    return base**exponent


_ARITHMETIC: dict[type[ast.operator], tuple[str, Operation]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", _power),
}
_REFUSED_OPERATORS: dict[type[ast.operator], str] = {
    ast.BitOr: "There is no '|'; write 'or', call a function as upper(text), or merge(a, b).",
    ast.BitAnd: "There is no '&'; write 'and'.",
    ast.BitXor: "There is no '^'; a power is written a ** b.",
}


@handles(ast.BinOp)
def binary(compiler: Compiler, node: ast.BinOp) -> Step:
    """Compile an arithmetic operator."""
    kind = type(node.op)
    if kind not in _ARITHMETIC:
        message = _REFUSED_OPERATORS.get(kind, "This operator is not available here.")
        raise compiler.error(node, message)
    symbol, operation = _ARITHMETIC[kind]
    left, right = compiler.step(node.left), compiler.step(node.right)
    place = compiler.place(node)

    def calculate(run: Run) -> Any:
        a = left(run)
        b = right(run)
        try:
            if type(a) in (int, float) and type(b) in (int, float):
                result = operation(a, b)
                return result if _is_common(result) else checked_number(result)
            return combine(run, a, b, operation, symbol)
        except ExpressionError as error:
            raise place.mark(error) from None
        except ArithmeticError as error:
            raise place.error(_arithmetic_message(error, place)) from error

    return calculate


def _is_common(result: Any) -> bool:
    return type(result) is not complex and -COMMON < result < COMMON


def _arithmetic_message(error: ArithmeticError, place: Place) -> str:
    if isinstance(error, ZeroDivisionError):
        return f"{place.text}: cannot divide by zero."
    return f"{place.text}: the number is too large."


def combine(run: Run, left: Any, right: Any, operation: Operation, symbol: str) -> Any:
    """Join two texts or lists with +, repeat one with *; anything else has no meaning."""
    if symbol == "+":
        if isinstance(left, str) and isinstance(right, str):
            run.take(len(left) + len(right))
            return left + right
        if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            run.take_list(len(left) + len(right))
            return [*left, *right]
    if symbol == "*":
        if isinstance(left, (str, list, tuple)) and type(right) is int:
            return repeat(run, left, right)
        if isinstance(right, (str, list, tuple)) and type(left) is int:
            return repeat(run, right, left)
    if is_number(left) and is_number(right):
        return checked_number(operation(left, right))
    raise ExpressionError(
        f"'{symbol}' does not work between {in_words(left)} and {in_words(right)}."
        + _combine_advice(left, right, symbol)
    )


def _combine_advice(left: Any, right: Any, symbol: str) -> str:
    if symbol == "+" and (isinstance(left, str) or isinstance(right, str)):
        return " To join as text use str(…); to add as numbers use float(…)."
    if symbol == "%" and isinstance(left, str):
        return ' To fill in a text write f"… {value} …".'
    if isinstance(left, DateTime) or isinstance(right, DateTime):
        return " For dates there are add_time(…) and date_diff(…)."
    if left is None or right is None:
        return " Use default(value, 0) for what may be missing."
    return " Numbers in a text become numbers with float(…)."


def repeat(run: Run, value: Any, times: int) -> Any:
    """Repeat a text or a list, within the room there is."""
    times = max(times, 0)
    if isinstance(value, str):
        run.take(len(value) * times)
        return value * times
    run.take_list(len(value) * times)
    return list(value) * times


@handles(ast.UnaryOp)
def unary(compiler: Compiler, node: ast.UnaryOp) -> Step:
    """Compile `not a`, `-a` and `+a`."""
    operand = compiler.step(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda run: not operand(run)
    if isinstance(node.op, ast.Invert):
        raise compiler.error(node, "There is no '~'; write 'not'.")
    place = compiler.place(node)
    sign = -1 if isinstance(node.op, ast.USub) else 1

    def signed(run: Run) -> Any:
        value = operand(run)
        if is_number(value):
            return value * sign
        raise place.error(f"{place.text}: a sign belongs to a number, not to {in_words(value)}.")

    return signed


@handles(ast.BoolOp)
def boolean(compiler: Compiler, node: ast.BoolOp) -> Step:
    """Compile `a and b` and `a or b`; as in Python they give the value that decided."""
    steps = [compiler.step(value) for value in node.values]
    last = steps.pop()
    stop_at = isinstance(node.op, ast.Or)

    def decide(run: Run) -> Any:
        for step in steps:
            value = step(run)
            if bool(value) is stop_at:
                return value
        return last(run)

    return decide


@handles(ast.IfExp)
def conditional(compiler: Compiler, node: ast.IfExp) -> Step:
    """Compile `a if condition else b`."""
    test, yes, no = (compiler.step(part) for part in (node.test, node.body, node.orelse))
    return lambda run: yes(run) if test(run) else no(run)


Comparison = Callable[[Run, Any, Any], bool]


def _ordering(symbol: str, compare: Operation) -> Comparison:
    return lambda run, left, right: ordered(left, right, compare, symbol)


def _identical(run: Run, left: Any, right: Any) -> bool:
    return left is right


_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: same,
    ast.NotEq: lambda run, left, right: not same(run, left, right),
    ast.Lt: _ordering("<", operator.lt),
    ast.LtE: _ordering("<=", operator.le),
    ast.Gt: _ordering(">", operator.gt),
    ast.GtE: _ordering(">=", operator.ge),
    ast.In: contained,
    ast.NotIn: lambda run, left, right: not contained(run, left, right),
    ast.Is: _identical,
    ast.IsNot: lambda run, left, right: left is not right,
}
# Between two numbers or two texts these need no guard.
_DIRECT: dict[type[ast.cmpop], Operation] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@handles(ast.Compare)
def compare(compiler: Compiler, node: ast.Compare) -> Step:
    """Compile a comparison or a chain of them."""
    for kind, operand in zip(node.ops, node.comparators, strict=True):
        if isinstance(kind, (ast.Is, ast.IsNot)) and not _is_singleton(operand):
            raise compiler.error(node, "'is' is for None, True and False; write '==' to compare.")
    if len(node.ops) > 1:
        return chain(compiler, node)
    left, right = compiler.step(node.left), compiler.step(node.comparators[0])
    operation = type(node.ops[0])
    guarded = _COMPARISONS[operation]
    place = compiler.place(node)
    direct = _DIRECT.get(operation)
    if direct is None:
        return lambda run: _judge(run, guarded, left(run), right(run), place)
    return _quick(left, right, direct, guarded, place)


def _quick(left: Step, right: Step, direct: Operation, guarded: Comparison, place: Place) -> Step:
    def check(run: Run) -> bool:
        a = left(run)
        b = right(run)
        kind = type(a)
        if kind is type(b) and (kind is str or kind is int or kind is float):
            return direct(a, b)  # type: ignore[no-any-return]
        return _judge(run, guarded, a, b, place)

    return check


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _judge(run: Run, comparison: Comparison, left: Any, right: Any, place: Place) -> bool:
    try:
        return comparison(run, left, right)
    except ExpressionError as error:
        raise place.mark(error) from None


def chain(compiler: Compiler, node: ast.Compare) -> Step:
    """Compile `a < b < c`: each operand is evaluated at most once."""
    first = compiler.step(node.left)
    links = [
        (_COMPARISONS[type(kind)], compiler.step(operand))
        for kind, operand in zip(node.ops, node.comparators, strict=True)
    ]
    place = compiler.place(node)

    def check(run: Run) -> bool:
        left = first(run)
        for comparison, step in links:
            right = step(run)
            if not _judge(run, comparison, left, right, place):
                return False
            left = right
        return True

    return check
