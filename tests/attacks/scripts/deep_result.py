"""Returns a result nested beyond reason. Contained: the user's own error, nobody overflows."""

import sys

EXPECT = {"user_error"}


def run(items):
    sys.setrecursionlimit(10**6)
    value = {}
    for _ in range(100_000):
        value = {"a": value}
    return [value]
