"""Ends with errors that misbehave while they are told. Contained: its own error, told or not."""

import os
import sys

EXPECT = {"user_error", "out_of_memory", "too_many_processes", "output_too_large", "timeout"}


class Mute(Exception):
    def __str__(self):
        raise SystemExit(2)


class Endless(Exception):
    def __str__(self):
        return "x" * (64 << 20)


class Surrogates(Exception):
    def __str__(self):
        return "\ud800\x00\x1b]0;title\x07"


class Lie(BaseException):
    kind = "memory"

    @property
    def __traceback__(self):
        raise Lie

    @property
    def __class__(self):
        return MemoryError


def deep(number):
    if number:
        deep(number - 1)
    raise ValueError("deep")


def ring():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def syntax():
    error = SyntaxError("odd")
    error.filename, error.lineno, error.msg = "step.py", object(), Mute()
    raise error


def group():
    error = ValueError("core")
    for _ in range(5000):
        error = ExceptionGroup("group", [error])
    raise error


def raises(error):
    raise error


WAYS = {
    "mute": lambda: raises(Mute()),
    "endless": lambda: raises(Endless()),
    "surrogates": lambda: raises(Surrogates()),
    "a lie": lambda: raises(Lie()),
    "deep": lambda: sys.setrecursionlimit(50_000) or deep(20_000),
    "a ring": ring,
    "syntax": syntax,
    "a group": group,
    "an exit": lambda: sys.exit(Mute()),
    "an interrupt": lambda: raises(KeyboardInterrupt()),
    "a generator's": lambda: raises(GeneratorExit()),
    "a long name": lambda: raises(type("N" * 10_000_000, (Exception,), {})()),
    "no such code": lambda: os._exit(-1),
}
EACH = list(WAYS)


def run(items):
    return WAYS[items[0]["each"]]()
