"""Answers with frames that lie about themselves. Contained: an outcome of its own for each."""

import os
import struct

EXPECT = {"user_error", "output_too_large"}
EACH = ["nothing", "too much", "a byte", "a cut head", "many", "an error of odd kinds", "its end"]


def run(items):
    pack = struct.Struct("<I").pack
    odd = {"kind": ["x"], "message": {"a": 1}, "line": 1e300, "type": 7, "traceback": None}
    frames = {
        "nothing": pack(0),
        "too much": pack(0xFFFFFFFF) + b"V" * 1000,
        "a byte": pack(1) + b"V",
        "a cut head": b"\1\0",
        "many": (pack(3) + b"V{}") * 1000,
        "an error of odd kinds": pack(len(str(odd)) + 1) + b"E" + str(odd).encode(),
        "its end": pack(70)
        + b'X{"why": "cancelled", "cut": true, "signal": 9, "code": 0}'.ljust(70),
    }
    os.write(4, frames[items[0]["each"]])
    os._exit(0)
