"""The scheduler: due triggers, and the sweeper that re-rings what a crash left behind."""

from __future__ import annotations

from functools import partial

from local_emulator.parts.edge import run
from local_emulator.tell_pipe import told
from triggers.main import main

if __name__ == "__main__":
    run(partial(main, begun=told().ready))
