"""Patches builtins and modules. Contained: neither parent nor next run has them so."""

import builtins
import json
import os
import sys

EXPECT = {"ok", "user_error"}


def run(items):
    builtins.len = lambda value: 42
    json.poisoned = True
    sys.modules["math"] = json
    os.poisoned = True
    return [{"escaped": False}]
