"""Leaves modules and settings for Python to find. Contained: a later run imports none of them."""

import sys

LEAVE = """
import os
PLACES = ("/tmp", "/dev/shm", "/var/tmp", "/tmp/.local/lib/python3.11/site-packages",
          "/usr/lib/python3.11/__pycache__", "/treadle", "/usr/lib/python3/dist-packages")
def run(items):
    written = []
    for place in PLACES:
        for name in ("json.py", "statistics.py", "sitecustomize.py", "usercustomize.py", "x.pth",
                     "statistics.cpython-311.pyc", "python3.11._pth", "pyvenv.cfg"):
            try:
                os.makedirs(place, exist_ok=True)
                with open(f"{place}/{name}", "w") as file:
                    file.write("import sys; sys.left_behind = True\\nleft_behind = True\\n")
                written.append(place)
            except OSError:
                pass
    os.environ.update(PYTHONPATH="/tmp", PYTHONSTARTUP="/tmp/json.py", LD_PRELOAD="/tmp/x.so")
    return [{"written": written}]
"""


def run(items):
    import sitecustomize
    import statistics

    found = [path for path in sys.path if path.startswith(("/tmp", "/dev", "/var"))]
    for module in (statistics, sitecustomize, sys):
        if hasattr(module, "left_behind"):
            found.append(module.__name__)
    return [{"escaped": bool(found) or "" in sys.path, "found": found}]
