"""The queue worker."""

from __future__ import annotations

from functions.worker import main
from local_emulator.parts.edge import run

if __name__ == "__main__":
    run(main)
