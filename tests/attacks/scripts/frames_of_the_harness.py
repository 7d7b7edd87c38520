"""Walks up to the harness and changes what it holds. Contained: parent and later runs are whole."""

import gc
import os
import sys

EXPECT = {"ok", "user_error"}


def run(items):
    found = []
    frame = sys._getframe(1)
    while frame is not None:
        found.append(frame.f_code.co_name)
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, dict) and name not in ("items",):
                value.clear()
            if isinstance(value, int) and not isinstance(value, bool) and value > 2:
                try:
                    os.close(value)
                except OSError:
                    pass
        frame.f_globals.get("_BUILTINS", {}).clear()
        frame = frame.f_back
    others = [one for one in gc.get_objects() if type(one).__name__ in ("Nursery", "Zygote")]
    return [{"escaped": bool(others), "found": found}]
