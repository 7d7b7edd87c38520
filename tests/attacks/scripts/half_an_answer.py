"""Begins an answer and never ends it. Contained: the clock ends the run."""

import os
import struct
import time

EXPECT = {"timeout", "user_error"}


def run(items):
    os.write(4, struct.pack("<I", 1000) + b"V[")
    time.sleep(60)
