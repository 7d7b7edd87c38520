"""Replaces what the harness writes and reads with. Contained: it can spoil its own answer only."""

import json
import os
import select
import struct
import sys

EXPECT = {"ok", "user_error", "timeout", "output_too_large"}
EACH = ["nothing is written", "rubbish is written", "encoders lie", "modules are emptied"]


def run(items):
    write = os.write
    way = items[0]["each"]
    if way == "nothing is written":
        os.write = lambda descriptor, data: len(data)
    if way == "rubbish is written":
        os.write = lambda descriptor, data: write(descriptor, b"\xff" * len(data))
    if way == "encoders lie":
        json.dumps = lambda *_, **__: '[{"escaped": false}] and more'
        json.JSONEncoder.encode = json.dumps
        struct.Struct.pack = None if hasattr(struct.Struct, "nothing") else struct.Struct.pack
    if way == "modules are emptied":
        for name in list(sys.modules):
            if name.startswith("sandbox_runner"):
                vars(sys.modules[name]).clear()
        select.poll = os.read = None
    os.poisoned = True
    return [{"escaped": False}]
