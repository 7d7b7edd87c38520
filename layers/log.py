"""Logging: one readable line an event, to standard error."""

from __future__ import annotations

import logging
import sys


def configure(level: str = "INFO") -> None:
    """Send every log line of this process to standard error; the supervisor adds its prefix."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "huey", "aiohttp.access"):
        logging.getLogger(noisy).setLevel("WARNING")


def logger(name: str) -> logging.Logger:
    """Return the logger of a room, for example ``logger("engine")``."""
    return logging.getLogger(f"treadle.{name}")
