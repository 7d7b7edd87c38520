"""Answers just as deep as a reader can go. Contained: its own error, or a result that can be read."""

import os
import struct

EXPECT = {"ok", "user_error", "output_too_large"}
EACH = [201, 1000, 1018, 1019, 1020, 1021, 1022, 1023, 1024]


def run(items):
    inner = items[0]["each"] - 2
    text = b'[{"escaped": false, "a": ' + b"[" * inner + b"]" * inner + b"}]"
    os.write(4, struct.pack("<I", len(text) + 1) + b"V" + text)
    os._exit(0)
