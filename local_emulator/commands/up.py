"""``treadle up``."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

VITE_CONFIG = Path(__file__).parents[2] / "web" / "vite.config.ts"
BAD_INPUT = 2


def up(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes a free one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for all state.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Load and run the demo workspace.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many worker processes.")] = 1,
    reload: Annotated[
        bool, typer.Option("--reload", help="For developers: run changed code at once.")
    ] = False,
    app: Annotated[
        bool, typer.Option("--app", help="For developers: also serve the app by Vite.")
    ] = False,
) -> None:
    """Start the whole product on this machine, and keep it running until Ctrl-C.

    Without options it serves at http://127.0.0.1:8700 and keeps its state in .data.

    With --reload, what runs is what was saved last, within seconds, and no request is lost.

    With --app, Vite serves the browser app from its sources, at an address of its own.
    """
    if reload and find_spec("watchfiles") is None:
        _refuse("--reload needs the Python package watchfiles, which 'make setup' installs.")
    if app and not VITE_CONFIG.exists():
        _refuse("--app needs a clone of the repository: the app's sources are not here.")
    command = [sys.executable, "-m", "local_emulator.emulator", "--workers", str(workers)]
    command += [] if port is None else ["--port", str(port)]
    command += [] if data is None else ["--data", str(data)]
    command += [] if demo else ["--no-demo"]
    command += ["--reload"] if reload else []
    command += ["--app"] if app else []
    _prepare_sandbox()
    # This process becomes the supervisor: what the command line needed does not stay in memory.
    os.execv(sys.executable, command)  # noqa: S606


def _prepare_sandbox() -> None:
    """Fetch what Python steps need, at the first start; a clone's ``make setup`` has done it."""
    from layers.settings.places import IS_CLONE, SANDBOX
    from sandbox_runner.installation import install, is_complete

    if IS_CLONE or is_complete(SANDBOX):
        return
    print("Fetching what Python steps need; this happens once.", file=sys.stderr)
    with redirect_stdout(sys.stderr):
        done = install(SANDBOX)
    if not done:
        print("treadle: Python steps will be refused; everything else runs.", file=sys.stderr)


def _refuse(why: str) -> NoReturn:
    print(f"treadle: {why}", file=sys.stderr)
    raise typer.Exit(BAD_INPUT)
