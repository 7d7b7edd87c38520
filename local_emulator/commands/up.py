"""``treadle up``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def up(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes a free one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for all state.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Load and run the demo workspace.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many worker processes.")] = 1,
) -> None:
    """Start the whole product on this machine, and keep it running until Ctrl-C.

    Without options it serves at http://127.0.0.1:8700 and keeps its state in .data.
    """
    command = [sys.executable, "-m", "local_emulator.emulator", "--workers", str(workers)]
    command += [] if port is None else ["--port", str(port)]
    command += [] if data is None else ["--data", str(data)]
    command += [] if demo else ["--no-demo"]
    # This process becomes the supervisor: what the command line needed does not stay in memory.
    os.execv(sys.executable, command)  # noqa: S606
