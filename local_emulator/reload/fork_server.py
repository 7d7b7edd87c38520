"""The supervisor's side of the fork server: a process with all libraries and none of our code.

What it becomes when it is asked for a part has only our own packages left to load.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from functools import partial

from layers.settings.environment import environment_with
from local_emulator.part import Kind, Part
from local_emulator.process import Process, launch

PATIENCE_S = 2.0
LONGEST_ANSWER = 32


class ForkServer:
    """Starts parts that are Python modules from a process that is warm already."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(PATIENCE_S)
        self._theirs = theirs
        self._answers = True
        module = "local_emulator.reload.fork_server_process"
        self.part = Part(
            name="fork-server",
            label="forks",
            command=(sys.executable, "-m", module, "--orders", str(theirs.fileno())),
            kind=Kind.AID,
            descriptors=(theirs.fileno(),),
            # The parts go first: loading takes a processor for seconds.
            after=("gateway-1", "worker-1", "scheduler-1"),
            required=False,
            tells=True,
            code=(
                *("local_emulator/reload", "local_emulator/kinship.py"),
                *("local_emulator/tell_pipe.py", "layers/settings/environment.py"),
            ),
            rehearsal=(sys.executable, "-c", f"import {module}"),
        )

    def can_be(self, part: Part) -> bool:
        """Whether it can become this part."""
        is_module = part.command[:2] == (sys.executable, "-m")
        return self._answers and is_module and not part.own_output

    def launch(self, part: Part) -> Process:
        """Have the fork server become the part; start it plainly if that does not answer."""
        outer, inner = os.pipe()
        order = {
            "module": part.command[2],
            "arguments": part.command[3:],
            "environment": environment_with(part.environment),
            "descriptors": part.descriptors,
            "supervisor": os.getpid(),
        }
        try:
            message = json.dumps(order).encode()
            socket.send_fds(self._ours, [message], [inner, *part.descriptors])
            pid = int(self._ours.recv(LONGEST_ANSWER))
        except OSError:
            # What it answers later would be taken for the answer to something else.
            self._answers = False
            os.close(outer)
            return launch(part)
        finally:
            os.close(inner)
        return Process(pid, os.fdopen(outer, "rb", buffering=0), partial(_poll, pid))


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None
