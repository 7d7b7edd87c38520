"""Returns objects that misbehave while they are written. Contained: an error, or plain JSON."""

import datetime
import itertools
import sys

EXPECT = {"ok", "user_error", "output_too_large", "out_of_memory", "cpu_limit", "timeout"}


class Dictionary(dict):
    def __len__(self):
        return -1

    def __iter__(self):
        return itertools.repeat("x")

    def keys(self):
        raise SystemExit(3)

    def items(self):
        return itertools.repeat(("escaped", False), 1 << 40)


class Text(str):
    def encode(self, *_):
        raise KeyboardInterrupt

    def __str__(self):
        return self * 1000


class Number(int):
    def __repr__(self):
        return "1}], 'outcome': 'ok', [{"

    __str__ = __repr__


class Fraction(float):
    def __repr__(self):
        sys.exit(4)


class Explosive:
    @property
    def __class__(self):
        return dict

    def __repr__(self):
        raise MemoryError

    def __getattr__(self, name):
        raise SystemExit(name)


class Endless(list):
    def __iter__(self):
        return itertools.repeat({"a": "b" * 1000})

    def __len__(self):
        return 1


MADE = {
    "dictionary": lambda: [Dictionary(a=1)],
    "inside": lambda: [{"a": Dictionary(a=1)}],
    "text": lambda: [{Text("a"): Text("b")}],
    "number": lambda: [{"a": Number(7), "escaped": False}],
    "fraction": lambda: [{"a": Fraction(1.5)}],
    "explosive": lambda: [Explosive()],
    "explosive inside": lambda: [{"a": Explosive()}],
    "endless": lambda: Endless([{}]),
    "huge number": lambda: [{"a": 1 << (1 << 20)}],
    "surrogate": lambda: [{"a": "\ud800", "\udfff": 1}],
    "not a number": lambda: [{"a": float("nan"), "b": float("inf")}],
    "odd keys": lambda: [{(1, 2): 1, b"x": 2, None: 3, 1.5: 4}],
    "a million": lambda: [{}] * 1_000_000,
    "a class": lambda: [{"a": type("T" * 100_000, (), {})}],
    "a date": lambda: [{"a": datetime.datetime.now}],
    "a stream": lambda: [{"a": sys.stdout, "b": sys.modules}],
}
EACH = list(MADE)


def run(items):
    made = MADE[items[0]["each"]]()
    if items[0]["each"] == "explosive":
        sys.setrecursionlimit(10**8)
    return made
