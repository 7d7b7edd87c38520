"""Answers with JSON that readers disagree about. Contained: refused, or read alike by everybody."""

import os
import struct

EXPECT = {"ok", "user_error", "output_too_large"}
EACH = [
    '[{"a": NaN}]',
    '[{"a": -Infinity}]',
    '[{"a": 1e999}]',
    '[{"a": ' + "9" * 5000 + "}]",
    '[{"a": 1, "a": 2, "escaped": false, "escaped": false}]',
    '[{"a": "\\ud800"}]',
    '[{"a": "(no utf-8)"}]',
    '\ufeff[{"escaped": false}]',
    '[{"escaped": false}] [{}]',
    '[{"escaped": false}]\x00',
    "[{'escaped': false}]",
    '[{"escaped": false,}]',
    '[{"escaped": false}],"outcome":"infrastructure"',
    '[{"\\u0000": 1, "__proto__": 1, "": 1, "escaped": false}]',
    "[{}, [], null]",
    "[" * 5000 + "]" * 5000,
]


def run(items):
    text = items[0]["each"].encode().replace(b"(no utf-8)", b"\xff")
    os.write(4, struct.pack("<I", len(text) + 1) + b"V" + text)
    os._exit(0)
