"""Answers in the protocol, but not with items. Contained: called the user's own error."""

import os
import struct

EXPECT = {"user_error"}


def run(items):
    for answer in (b'V{"not": "a list"}', b"V[1]", b'E["x"]', b"Q", b"V" + b"[" * 5000):
        os.write(4, struct.pack("<I", len(answer)) + answer)
    os._exit(0)
