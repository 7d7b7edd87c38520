"""``treadle worker``."""

from __future__ import annotations


def worker() -> None:
    """Run executions from the queue until stopped."""
    from functions.worker import main
    from layers import log
    from layers.settings import load_settings

    log.configure()
    main(load_settings())
