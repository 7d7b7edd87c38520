"""Writes frames of its own to every descriptor. Contained: it can only spoil its own result."""

import contextlib
import os
import struct

EXPECT = {"ok", "user_error", "output_too_large", "timeout"}


def run(items):
    payload = b'{"why":"answer","cut":false,"signal":null,"code":null}'
    for descriptor in range(3, 256):
        for frame in (
            b"X" + struct.pack("<I", len(payload)) + payload,
            struct.pack("<I", 0xFFFFFFFF),
            b"R" + struct.pack("<I", 2) + b"{}",
        ):
            with contextlib.suppress(OSError):
                os.write(descriptor, frame)
    return [{"escaped": False}]
