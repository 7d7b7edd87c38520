"""Modules that are imported before a run needs them.

Those of the standard library that the workspace's own steps name are imported where job processes
are forked. Those of packages never are: they run as the step that names them does, in a process of
that step alone. See ``ahead``.
"""

import gc
import importlib
import sys

LAYER = "/layer"


def load(names: list[str]) -> None:
    """Import modules; what fails will fail in the job that wants it."""
    for name in names:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except BaseException:
                continue


def load_standard(names: list[str]) -> None:
    """Import modules for all who are forked from now on, and none of them from a package."""
    sys.path.remove(LAYER)
    load(names)
    sys.path.append(LAYER)
    gc.collect()
    gc.freeze()
