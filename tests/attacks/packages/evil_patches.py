"""Puts itself into builtins, json and all of the sandbox's own modules."""

import builtins
import json
import sys

import evil


def forged(*arguments, **named):
    return '[{"forged": "by a patch"}]'


builtins.len = builtins.sorted = builtins.isinstance = lambda *_: 3
builtins.poisoned = json.poisoned = sys.poisoned = True
json.dumps = json.loads = forged
for name, module in list(sys.modules.items()):
    if name.startswith("sandbox_runner"):
        for inner in ("dumps", "loads", "encode", "perform", "write_all", "read_order", "_run"):
            if hasattr(module, inner):
                setattr(module, inner, forged)
sys.setrecursionlimit(120)
evil.open_all(evil.FRAMES)
