"""How a sandbox starts: one process becomes the nursery, its child the zygote."""

from __future__ import annotations

import _socket
import gc
import os
import sys
from importlib import import_module

from sandbox_runner.guest import capabilities, filtering, job, nursery
from sandbox_runner.guest.imports import LAYER
from sandbox_runner.guest.job import NOTHING


def main(tmp_mb: int, kinds: str) -> None:
    """Start the sandbox with that size of /tmp for the first jobs; it never returns."""
    # Our standard error is a file outside; a job could open it through /proc.
    silence = os.open("/dev/null", os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    nothing = os.open("/dev/null", os.O_RDONLY)
    while nothing < NOTHING:
        nothing = os.dup(nothing)
    if os.path.exists("/dev/fuse"):
        os.unlink("/dev/fuse")
    wishes, wishes_in = os.pipe()
    ends_out, ends = os.pipe()
    births, births_in = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            for descriptor in (wishes, ends):
                os.close(descriptor)
            births_in.close()
            capabilities.keep(capabilities.OF_ZYGOTE)
            # Here and not before the fork: what the zygote needs, job processes would carry along.
            from sandbox_runner.guest.births import Nursery
            from sandbox_runner.guest.zygote import Zygote

            Zygote(Nursery(wishes_in, ends_out, births), tmp_mb).serve()
        finally:
            os._exit(70)
    for descriptor in (wishes_in, ends_out):
        os.close(descriptor)
    births.close()
    capabilities.keep(capabilities.OF_NURSERY)
    sys.path.append(LAYER)
    if kinds:
        # What runs are granted beyond their items takes modules that others do without.
        import_module("sandbox_runner.guest.grants")
    filtering.restrict()
    live = job.prepare(["/in", "/out"] if "files" in kinds.split() else [])
    gc.collect()
    gc.freeze()
    nursery.tend(wishes, ends, births_in, live)
