"""A job: what is to be done again and again, by one scheduler for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """``run`` is called in a thread of its own, and raises what goes wrong.

    It is due again ``pause_s`` seconds after it has ended, the first time ``first_after_s`` after
    the instance has seen it first. ``wanted`` is SQL, with ``:now``, that says whether there is
    anything to do; None: always. ``stop`` has ``run`` end soon.
    """

    name: str
    pause_s: float
    run: Callable[[], object]
    first_after_s: float = 0.0
    wanted: str | None = None
    stop: Callable[[], None] | None = None
