"""The fork server itself: loads the libraries, and becomes a part, as often as it is asked to.

An order is JSON: the ``module`` to run with its ``arguments``, its whole ``environment``, the
numbers of the ``descriptors`` that come with it behind the one for its output, and the process id
of the ``supervisor``. The answer is the new process's id; it is the supervisor's child.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from layers.settings.environment import become
from local_emulator.kinship import become_child_of
from local_emulator.reload.libraries import libraries
from local_emulator.reload.rooms import ROOMS, ROOT
from local_emulator.tell_pipe import OPTION, Told

MOST_BYTES = 256 * 1024
MOST_DESCRIPTORS = 16
ABOVE = 200
"""No descriptor that a part inherits has a number so high."""


def main() -> None:
    """Wait for orders until the supervisor ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument(OPTION, type=int)
    given = parser.parse_args()
    orders = socket.socket(fileno=given.orders)
    for name in libraries(ROOT):
        # What is not there is not there for the part either, and that one will say so.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    print("the libraries are loaded: new code starts quicker from now on", flush=True)
    Told(given.tell).ready()
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, MOST_BYTES, MOST_DESCRIPTORS)
        if not message:
            return
        order = json.loads(message)
        pid = _fork_away()
        if pid == 0:
            _inherit(order, descriptors)
            become_child_of(order["supervisor"])
            _run(order)
        for descriptor in descriptors:
            os.close(descriptor)
        orders.send(str(pid).encode())


def _fork_away() -> int:
    """Fork a process that is nobody's child, so that the supervisor adopts it; 0 in that one."""
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            os.close(writer)
            return 0
        os.write(writer, str(pid).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(between, 0)
    pid = int(os.read(reader, 32))
    os.close(reader)
    return pid


def _inherit(order: dict[str, Any], received: Sequence[int]) -> None:
    """Have the output and the descriptors, and no others, under the numbers that they had."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    high = [_duplicate(descriptor) for descriptor in received]
    wanted = [1, *order["descriptors"]]
    os.closerange(3, ABOVE)
    for source, target in zip(high, wanted, strict=True):
        os.dup2(source, target)
        os.close(source)
    os.dup2(1, 2)


def _duplicate(descriptor: int) -> int:
    return int(fcntl.fcntl(descriptor, fcntl.F_DUPFD, ABOVE))


def _run(order: dict[str, Any]) -> NoReturn:
    become(order["environment"])
    # What the fork server itself has of ours may have changed.
    for name in [name for name in sys.modules if name.partition(".")[0] in ROOMS]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.argv = [order["module"], *order["arguments"]]
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
