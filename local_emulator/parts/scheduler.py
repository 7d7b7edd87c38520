"""The scheduler: due triggers, and the sweeper that re-rings what a crash left behind."""

from __future__ import annotations

from triggers.main import main

from local_emulator.parts.edge import run

if __name__ == "__main__":
    run(main)
