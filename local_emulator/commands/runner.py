"""``treadle runner``."""

from __future__ import annotations


def runner() -> None:
    """Run Python steps in gVisor sandboxes, for gateways and workers that know its token."""
    from layers.settings.runner import from_environment
    from sandbox_runner.main import serve

    serve(from_environment())
