"""``treadle scheduler``."""

from __future__ import annotations


def scheduler() -> None:
    """Start what is due: schedules and polled triggers; ring again for what a crash left."""
    from layers import log
    from layers.settings import load_settings
    from triggers.main import main

    log.configure()
    main(load_settings())
