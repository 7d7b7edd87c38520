"""The queue worker."""

from __future__ import annotations

from functools import partial

from functions.worker import main
from local_emulator.parts.edge import run
from local_emulator.tell_pipe import told

if __name__ == "__main__":
    run(partial(main, begun=told().ready))
