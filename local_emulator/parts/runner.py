"""The sandbox runner."""

from __future__ import annotations

from local_emulator.parts.edge import run
from sandbox_runner.main import serve

if __name__ == "__main__":
    run(serve)
