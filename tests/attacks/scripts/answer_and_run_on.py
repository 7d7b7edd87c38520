"""Answers, says that it has tidied up, and runs on. Contained: nothing of it runs between runs."""

import os
import struct

EXPECT = {"ok", "user_error", "cpu_limit", "timeout"}
EACH = ["burning", "forking", "silent", "chattering"]


def run(items):
    text = b'V[{"escaped": false}]'
    os.write(4, struct.pack("<I", len(text)) + text + struct.pack("<I", 0))
    while True:
        if items[0]["each"] == "forking":
            try:
                os.fork()
            except OSError:
                pass
        if items[0]["each"] == "silent":
            os.sched_yield()
        if items[0]["each"] == "chattering":
            os.write(4, struct.pack("<I", len(text)) + text)
