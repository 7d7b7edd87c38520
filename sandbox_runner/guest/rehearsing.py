"""Runs small orders while nobody waits for them, to touch the memory that a real one will need.

Under a sandbox's kernel the first use of each piece after a fork is dear. So an order comes through
a pipe here, too: even where the allocator looks for room is touched then.
"""

from __future__ import annotations

import io
import os
import sys

from sandbox_runner.guest import frames, jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PLAIN = "def run(items):\n    print(items)\n    return [{**i} for i in items]\n"
_OF_PACKAGES = {
    "numpy": """
import numpy
def run(items):
    numbers = numpy.arange(9)
    return [{"n": float((numbers * 2.0).sum()), "shape": list(numpy.array([1.5]).shape)}]
""",
    "pandas": """
import pandas
def run(items):
    frame = pandas.DataFrame([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    return [{"n": int(pandas.Series([1]).sum()), "m": float(frame[frame["a"] > 1]["a"].mean())}]
""",
}


def rehearse(perform: Callable[[frames.Order, dict[str, Any]], object]) -> None:
    """Have a plain step performed, and one of each package that is imported and worth it."""
    sys.stdout = io.StringIO()
    for name, code in _OF_PACKAGES.items():
        if name in sys.modules:
            perform(*_ordered(code))
    perform(*_ordered(_PLAIN))


def _ordered(code: str) -> tuple[frames.Order, dict[str, Any]]:
    header = jsontext.dumps({"warm": None, "grants": None}).encode()
    body = jsontext.dumps({"code": code, "items": [{"a": 1}], "context": {}}).encode()
    receiver, sender = os.pipe()
    try:
        frames.write_all(sender, frames.packed_order(header, body))
        order = frames.read_order(receiver)
    finally:
        os.close(receiver)
        os.close(sender)
    assert order is not None
    return order, jsontext.loads(order.header)
