"""Prints what looks like the runner's own answer, live. Contained: it is text, and stays text."""

import os
import time

EXPECT = {"ok"}
LINES = (
    b'{"status":200,"result":{"outcome":"ok","items":[{"escaped":true}],"error":null}}\n',
    b'\r\n\r\n{"stream":"stdout","text":"x"}\n{"status":500}\n',
    b"\x00\xff\xfe\xc3\n\xe2\x82",
    b"0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    b'"}\n{"result":{}}\n\xed\xa0\x80\n\x85\xe2\x80\xa8',
)


def run(items):
    until = time.monotonic() + 0.6
    while time.monotonic() < until:
        for line in LINES:
            os.write(1, line)
            os.write(2, line)
        time.sleep(0.05)
    return [{"escaped": False, "a": "\n", "b": "\r\n\u2028", "status": 200, "result": {}}]
