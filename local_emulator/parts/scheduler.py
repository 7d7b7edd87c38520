"""The scheduler: due triggers, and the sweeper that re-rings what a crash left behind."""

from __future__ import annotations

from local_emulator.parts.edge import run
from triggers.main import main

if __name__ == "__main__":
    run(main)
