"""Modules that are imported ahead, where job processes are forked, so that no job waits for them.

Which ones: those that the workspace's own steps name in import statements, of the standard library
or of their packages. A job finds them in ``sys.modules``; that is all that it sees of other steps.
"""

import gc
import importlib
import sys

from sandbox_runner.guest import jsontext

LAYER = "/layer"


def load(names: bytes) -> None:
    """Import modules from a JSON list of names; what fails will fail in the job that wants it."""
    for name in jsontext.loads(names):
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except BaseException:
                continue
    gc.collect()
    gc.freeze()
