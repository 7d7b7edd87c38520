"""``treadle setup``."""

from __future__ import annotations

import typer


def setup() -> None:
    """Fetch what Python steps need: gVisor's runsc, a Python root, and uv. Quick when run again.

    Needs no root, but a Debian machine with its package archive, or a network to it; otherwise it
    says what to do. 'treadle up' does the same when it starts for the first time.

    Exit code 0: all is there; 1: something could not be had, and only Python steps lack it.
    """
    from layers.settings.places import SANDBOX
    from sandbox_runner.installation import install

    if not install(SANDBOX):
        raise typer.Exit(1)
