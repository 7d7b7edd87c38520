"""Answers, pretends to be tidy and never reads again. Contained: nobody waits for it for long."""

import os
import struct
import time

EXPECT = {"ok", "user_error", "timeout"}
AGAIN = True


def run(items):
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    text = b'V[{"escaped": false}]'
    os.write(4, struct.pack("<I", len(text)) + text + struct.pack("<I", 0))
    time.sleep(60)
