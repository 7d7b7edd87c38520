"""Looks for the runner's environment. Contained: no secret of the host is in any environment."""

import contextlib
import glob
import os
from pathlib import Path


def run(items):
    text = repr(dict(os.environ))
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            text += Path(path).read_bytes().decode("latin1")
    return [
        {"escaped": items[0]["secret_backwards"][::-1] in text or "TREADLE_RUNNER_TOKEN" in text}
    ]
