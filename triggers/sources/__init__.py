"""Every trigger type that Treadle comes with, one a file: ``trigger`` in each."""

from __future__ import annotations

from typing import Any

from layers.contract import Trigger
from layers.registry.discovery import declared

TRIGGERS: tuple[Trigger[Any], ...] = declared(__name__, "trigger", Trigger)
